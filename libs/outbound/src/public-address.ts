import { BlockList, isIP } from 'node:net';

type Network = readonly [address: string, prefix: number];

/** IANA's special-purpose registry of IPv4 (RFC 6890 and after), multicast and the reserved end. */
const NOT_PUBLIC_IPV4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** All that IANA has given out of IPv6. What carries an IPv4 address (mapped, NAT64) lies outside. */
const GLOBAL_IPV6: Network = ['2000::', 3];

/** In there, what is no host's: protocols and Teredo, documentation, 6to4, AS112, segment routing. */
const NOT_PUBLIC_IPV6: readonly Network[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const notPublicIpv4 = listOf(NOT_PUBLIC_IPV4, 'ipv4');
const notPublicIpv6 = listOf(NOT_PUBLIC_IPV6, 'ipv6');
const globalIpv6 = listOf([GLOBAL_IPV6], 'ipv6');

/** Whether this is the address of a host in the public internet; false for what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (familyOf(address)) {
    case 'ipv4':
      return !notPublicIpv4.check(address, 'ipv4');
    case 'ipv6':
      return globalIpv6.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6');
    case undefined:
      return false;
  }
}

/**
 * Tells the addresses of these networks (`10.1.0.0/16`, `fd00::/8`).
 * @throws RangeError for what is no network.
 */
export function addressesIn(networks: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    const family = familyOf(address);
    if (!family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv4' ? 32 : 128)) {
      throw new RangeError(`${network} is no network; write one like 10.1.0.0/16.`);
    }
    lists[family].addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== undefined && lists[family].check(address, family);
  };
}

/** None for an address with a zone, which names a link of this machine. */
function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}

function listOf(networks: readonly Network[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, family);
  return list;
}

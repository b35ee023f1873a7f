import fc from 'fast-check';
import { addressesIn, isPublicAddress } from './public-address.js';

const ipv4 = (first: number, rest: readonly number[]): string => [first, ...rest].join('.');
const octet = fc.integer({ min: 0, max: 255 });
const three = fc.tuple(octet, octet, octet);
const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));

describe(isPublicAddress, () => {
  it.each(
    [
      '1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0',
      '126.255.255.255 128.0.0.0 169.253.255.255 172.15.255.255 172.32.0.0',
      '192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255',
      '2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450:4001::1 3ffe::1',
    ].flatMap((line) => line.split(' ')),
  )('takes %s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each(['', 'localhost', '1.1.1', '01.1.1.1', '1.1.1.1 ', '[::1]', '2606:4700::1%eth0'])(
    'does not take %p, which is no address of its own',
    (text) => expect(isPublicAddress(text)).toBe(false),
  );

  it('takes nothing of the first octets that are nobody’s outside', () => {
    const first = fc.oneof(fc.constantFrom(0, 10, 127), fc.integer({ min: 224, max: 255 }));
    fc.assert(
      fc.property(first, three, (head, rest) =>
        expect(isPublicAddress(ipv4(head, rest))).toBe(false),
      ),
    );
  });

  it('takes no IPv4 address inside an IPv6 one, public or not', () => {
    const inside = fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:');
    fc.assert(
      fc.property(inside, octet, three, (prefix, head, rest) => {
        expect(isPublicAddress(prefix + ipv4(head, rest))).toBe(false);
      }),
    );
  });

  it('takes nothing of IPv6 that was not given out', () => {
    const first = fc
      .integer({ min: 0, max: 0xffff })
      .filter((value) => value < 0x2000 || value > 0x3fff)
      .map((value) => value.toString(16));
    fc.assert(
      fc.property(first, fc.array(group, { minLength: 7, maxLength: 7 }), (head, rest) => {
        expect(isPublicAddress([head, ...rest].join(':'))).toBe(false);
      }),
    );
  });
});

describe(addressesIn, () => {
  it('tells the addresses of the networks from others', () => {
    const isInside = addressesIn(['10.1.0.0/16', 'fd12::/16']);
    expect(['10.1.2.3', 'fd12::1'].every(isInside)).toBe(true);
    expect(['10.2.0.0', '11.1.0.0', 'fd13::1', 'fd12::1%lo', ''].some(isInside)).toBe(false);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', 'ten/8', '::/129', ''])(
    'refuses %p',
    (network) => expect(() => addressesIn([network])).toThrow(RangeError),
  );
});

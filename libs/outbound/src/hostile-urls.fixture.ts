/** Every way to write an address that is not public; several hosts of a URL a line. */
const HOSTS = [
  // this machine
  '127.0.0.1 127.0.0.1. 127.1 127.0.1 127.0.0.2 127.255.255.254',
  '2130706433 017700000001 0x7f000001 0x7F.1 0x7f.0.0.0x1 0177.0.0.1 0177.1',
  '１２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 %31%32%37.0.0.1 127.0.0.1%2e',
  '0.0.0.0 0 0x0 00.1 0.1.2.3 localhost LOCALHOST localhost.',
  '[::1] [0:0:0:0:0:0:0:1] [::0001] [::]',
  // this machine's IPv4 address inside an IPv6 address
  '[::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:7f00:1] [::127.0.0.1]',
  '[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::]',
  '[2001:0:7f00:1::] [::ffff:0:127.0.0.1]',
  // this link, with and without a zone
  '[fe80::1] [fe80::1%25lo] [fe80::1%lo] 169.254.0.1 [::ffff:169.254.0.1]',
  // what clouds tell their machines
  '169.254.169.254 2852039166 0xA9FEA9FE 0251.0376.0251.0376 169.254.43518',
  '[::ffff:a9fe:a9fe] [fd00:ec2::254] 100.100.100.200 192.0.0.192',
  // private networks
  '10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 3232235521',
  '100.64.0.1 100.127.255.255 [fc00::1] [fdff::1] [fec0::1] [::ffff:10.0.0.1]',
  // to many, to nobody, and for books
  '224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 [ff02::1] [ff0e::1]',
  '192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 [2001:db8::1] [3fff::1]',
  '[100::1] [5f00::1] [4000::1] [2001:10::1]',
].flatMap((line) => line.split(' '));

/** URLs that no rule of protocols and ports forbids, were their hosts not what they are. */
export function hostileUrls(port: number): string[] {
  return [
    ...HOSTS.map((host) => `http://${host}:${port}/`),
    `https://127.0.0.1:${port}/`,
    `http:127.0.0.1:${port}`,
    `http:\\\\127.0.0.1:${port}\\`,
    `http:////127.0.0.1:${port}/`,
    `\t http://127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}\\@public.test/`,
    `http://127.0.0.1:${port}#@public.test/`,
    `http://127.0.0.1:${port}?@public.test/`,
    `http://public.test@127.0.0.1:${port}/`,
    `http://a:b@127.0.0.1:${port}/`,
    `http://a:b@public.test:${port}/`,
    `//127.0.0.1:${port}/`,
    `127.0.0.1:${port}`,
    `ftp://127.0.0.1:${port}/`,
    `ws://127.0.0.1:${port}/`,
    `gopher://127.0.0.1:${port}/_GET`,
    'file:///etc/hostname',
    'data:text/plain,secret',
    'javascript:fetch("/")',
    'unix:/var/run/docker.sock',
    'http://',
    'http://:80',
    '',
    `http://public.test:${port}/${'a'.repeat(2_048)}`,
  ];
}

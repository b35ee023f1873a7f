import { isIP } from 'node:net';
import { SomaError } from '@soma/core';

/** What a URL of a client may ask for. */
export interface OutboundRules {
  /** With the colon: `https:`. */
  readonly protocols: readonly ('http:' | 'https:')[];
  readonly ports: readonly number[];
  /** Networks that may be reached though they are not public, as `10.1.0.0/16`. */
  readonly networks: readonly string[];
  /** For all of it: lookup, connection, request and answer. */
  readonly deadlineMs: number;
  /** Longest body of an answer. */
  readonly answerBytes: number;
}

export const OUTBOUND_DEFAULTS: OutboundRules = {
  protocols: ['https:'],
  ports: [443],
  networks: [],
  deadlineMs: 10_000,
  answerBytes: 64 * 1024,
};

const LONGEST_URL = 2_048;
const DEFAULT_PORT = { 'http:': 80, 'https:': 443 } as const;

/** A URL that obeys the rules, as far as can be said before its name is looked up. */
export interface OutboundTarget {
  readonly url: URL;
  readonly protocol: 'http:' | 'https:';
  readonly port: number;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
}

/**
 * Reads a client's URL. The WHATWG parser writes every spelling of an address (octal, hexadecimal, one
 * number, full-width digits) in the one way that is judged later.
 * @throws SomaError URL_FORBIDDEN.
 */
export function outboundTarget(text: string, rules: OutboundRules): OutboundTarget {
  if (text.length > LONGEST_URL) {
    throw forbidden(`A URL has at most ${LONGEST_URL} characters; this one has ${text.length}.`);
  }
  const url = URL.parse(text);
  if (!url) throw forbidden('This is no absolute URL.');
  const protocol = rules.protocols.find((allowed) => allowed === url.protocol);
  if (!protocol) {
    throw forbidden(`A URL begins with ${rules.protocols.join('// or ')}//, not ${url.protocol}.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw forbidden('A URL carries no user and no password: they would be logged on the way.');
  }
  const port = url.port === '' ? DEFAULT_PORT[protocol] : Number(url.port);
  if (!rules.ports.includes(port)) {
    throw forbidden(`The port is one of ${rules.ports.join(', ')}, not ${port}.`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { url, protocol, port, host, isAddress: isIP(host) !== 0 };
}

export function forbidden(detail: string): SomaError {
  return new SomaError('URL_FORBIDDEN', detail);
}

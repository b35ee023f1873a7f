import type { LookupAddress } from 'node:dns';
import { type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressResolver, SystemAddressResolver } from './address-resolver.js';
import {
  forbidden,
  OUTBOUND_DEFAULTS,
  type OutboundRules,
  type OutboundTarget,
  outboundTarget,
} from './outbound-rules.js';
import { addressesIn, isPublicAddress } from './public-address.js';

export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface OutboundAnswer {
  /** Any, also 3xx: where a redirect leads is for nobody to follow. */
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** The other side did not answer as it should: away, too slow, or too long. */
export class OutboundFailure extends Error {
  override readonly name = 'OutboundFailure';
}

/**
 * Fetches what a client named, and nothing of this network. A name is looked up once; one address
 * that is not allowed forbids it, and the connection is made to those looked at and no others, so
 * that a name server which says something else the next time is not asked.
 */
export class OutboundClient {
  private readonly rules: OutboundRules;
  private readonly isOfNetworks: (address: string) => boolean;

  constructor(
    rules: Partial<OutboundRules> = {},
    private readonly resolver: AddressResolver = new SystemAddressResolver(),
  ) {
    this.rules = { ...OUTBOUND_DEFAULTS, ...rules };
    this.isOfNetworks = addressesIn(this.rules.networks);
  }

  /**
   * Says before it is needed whether a URL may be fetched. What its name leads to may change:
   * `send` looks again.
   * @throws SomaError URL_FORBIDDEN; OutboundFailure when the name leads nowhere.
   */
  async check(url: string): Promise<void> {
    const target = outboundTarget(url, this.rules);
    await inTime(this.addressesOf(target), AbortSignal.timeout(this.rules.deadlineMs));
  }

  /** @throws SomaError URL_FORBIDDEN before anything is sent; OutboundFailure for what went wrong. */
  async send(url: string, request: OutboundRequest): Promise<OutboundAnswer> {
    const target = outboundTarget(url, this.rules);
    const signal = AbortSignal.timeout(this.rules.deadlineMs);
    const addresses = await inTime(this.addressesOf(target), signal);
    try {
      const answer = await openAnswer(target, addresses, request, signal);
      const body = await bodyOf(answer, this.rules.answerBytes);
      return { status: answer.statusCode ?? 0, headers: answer.headers, body };
    } catch (cause) {
      throw failureOf(cause, signal);
    }
  }

  private async addressesOf({ host, isAddress }: OutboundTarget): Promise<LookupAddress[]> {
    const addresses = isAddress ? [{ address: host, family: isIP(host) }] : await this.find(host);
    const isAllowed = ({ address }: LookupAddress): boolean =>
      isPublicAddress(address) || this.isOfNetworks(address);
    if (addresses.length > 0 && addresses.every(isAllowed)) return addresses;
    // Which address it has is not said: that would show this network to whoever asks for names.
    throw forbidden(`${host} has an address that is not in the public internet.`);
  }

  private async find(name: string): Promise<LookupAddress[]> {
    try {
      return [...(await this.resolver.resolve(name))];
    } catch (cause) {
      throw new OutboundFailure(`${name} cannot be found.`, { cause });
    }
  }
}

function openAnswer(
  { url, protocol, port, host }: OutboundTarget,
  addresses: LookupAddress[],
  { method, headers, body = '' }: OutboundRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method,
    host,
    port,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host, 'content-length': Buffer.byteLength(body) },
    lookup: answeringWith(addresses),
    // No connection is kept: the next request's name is looked up anew.
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const open = protocol === 'https:' ? requestHttps : requestHttp;
    open(options, resolve).on('error', reject).end(body);
  });
}

/** A lookup that knows these addresses and asks nobody. */
function answeringWith(addresses: LookupAddress[]): LookupFunction {
  return (_name, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family);
  };
}

async function bodyOf(answer: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new OutboundFailure(`The answer has more than ${most} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A lookup cannot be called back; it can be waited for no longer. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new OutboundFailure('There was no answer in time.'));
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}

function failureOf(cause: unknown, signal: AbortSignal): OutboundFailure {
  if (cause instanceof OutboundFailure) return cause;
  if (signal.aborted) return new OutboundFailure('There was no answer in time.', { cause });
  return new OutboundFailure(`The other side cannot be reached${codeOf(cause)}.`, { cause });
}

function codeOf(cause: unknown): string {
  const code = typeof cause === 'object' && cause && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

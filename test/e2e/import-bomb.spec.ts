import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ImportResult } from '@soma/transfer';
import { newDataFolder } from './data-folder.js';
import { ok, problem, sendRequest } from './http.js';
import { type ServiceProcess, spawnService } from './service-process.js';
import { NDJSON } from './transfer-client.js';

const QUOTA = 250;
const MEGABYTE = 1024 * 1024;
/** Beside what the embedded database takes in the same process. */
const MOST_GROWN = 250 * MEGABYTE;
/** So much more that keeping it would be seen. */
const LONG_LINE = 400 * MEGABYTE;
/** An upload ends after twenty seconds, in which a busy machine may not come as far as is wanted. */
const TRIES = 4;
const RESET_PEAK = '5';

interface Flood {
  readonly status: number;
  readonly result: ImportResult;
  /** Taken by the service or on its way to it when the connection ended. */
  readonly sent: number;
}

describe('an import that does not end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-bomb-'));
  let data: string;
  let service: ServiceProcess;

  beforeAll(async () => {
    data = await newDataFolder();
    service = await spawnService(folder, {
      SOMA_DATA_DIR: data,
      SOMA_QUOTA_MEMORIES: String(QUOTA),
      SOMA_RATE_LIMIT_PER_SECOND: '0',
      SOMA_CONSOLIDATE_INTERVAL_S: '0',
      SOMA_LOG_LEVEL: 'warn',
    });
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    for (const path of [folder, data])
      rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  });

  const begin = (query: string, token: string): ClientRequest =>
    request(`${service.url}/memories/import?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': NDJSON },
      agent: false,
    });

  /** The first flood of some that was not stopped for its time. */
  async function floodInTime(begin: () => Promise<Flood>): Promise<Flood> {
    for (let tried = 1; ; tried += 1) {
      const flood = await begin();
      if (flood.result.stopped?.reason !== 'time' || tried === TRIES) return flood;
    }
  }

  /** Sends `piece` again and again, up to so many bytes, for as long as it is taken. */
  async function flood(
    query: string,
    piece: Buffer,
    most = Infinity,
    token = service.token,
  ): Promise<Flood> {
    const sending = begin(query, token);
    // A connection that is cut while the caller sends is what it is for; its answer came before.
    sending.on('error', () => undefined);
    const closed = new Promise((resolve) => sending.once('close', resolve));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      sending.once('response', resolve);
      sending.once('close', () => reject(new Error('The connection was cut without an answer.')));
    });
    const answered = answer.then(async (response) => ({
      status: response.statusCode ?? 0,
      text: (await response.setEncoding('utf8').toArray()).join(''),
    }));
    let sent = 0;
    while (!sending.destroyed && sent < most) {
      sent += piece.length;
      if (sending.write(piece)) continue;
      await Promise.race([new Promise((resolve) => sending.once('drain', resolve)), closed]);
    }
    sending.end();
    const { status, text } = await answered;
    return { status, result: JSON.parse(text) as ImportResult, sent };
  }

  const rss = (which: 'VmRSS' | 'VmHWM'): number => {
    const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
    return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  };
  /**
   * By how much the memory of the service grew at most; the database in it has most of it. Work of
   * the same kind comes before: the first of it has the heap grow to what its rate takes.
   */
  async function growth(work: () => Promise<void>): Promise<number> {
    const before = rss('VmRSS');
    writeFileSync(`/proc/${service.pid}/clear_refs`, RESET_PEAK);
    await work();
    return rss('VmHWM') - before;
  }
  const stored = async (): Promise<number> => {
    const { token } = service;
    const stats = await ok(
      sendRequest<{ memories: { total: number } }>(service.url, 'GET', '/stats', { token }),
    );
    return stats.memories.total;
  };
  const makeRoom = async (): Promise<void> => {
    const body = { filter: { importance: { gte: 0 } }, dry_run: false };
    const { token } = service;
    await ok(sendRequest(service.url, 'POST', '/memories/delete', { token, body }));
  };
  const repeated = Buffer.from('{"content":"The same line, again and again."}\n'.repeat(1_000));

  it('P30 stops at the quota, and goes on from there once there is room', async () => {
    const stopsAtQuota = async (): Promise<void> => {
      const { status, result } = await floodInTime(async () => {
        await makeRoom();
        return flood('', repeated);
      });
      expect(status).toBe(200);
      expect(result).toMatchObject({
        read: QUOTA,
        stored: QUOTA,
        failed: 0,
        next_line: QUOTA + 1,
        stopped: { reason: 'quota', status: 507, code: 'QUOTA_EXCEEDED' },
      });
      expect(await stored()).toBe(QUOTA);
    };
    await stopsAtQuota();
    expect(await growth(stopsAtQuota)).toBeLessThan(MOST_GROWN);
    const { result } = await floodInTime(async () => {
      await makeRoom();
      return flood(`from_line=${QUOTA + 1}`, repeated, repeated.length);
    });
    expect(result).toMatchObject({ stored: QUOTA, next_line: 2 * QUOTA + 1 });
  });

  it('P30 keeps nothing of a line without an end', async () => {
    const isRefused = async (length: number): Promise<void> => {
      const piece = Buffer.alloc(MEGABYTE, 'x');
      const { result, sent } = await floodInTime(() => flood('', piece, length));
      expect(result).toMatchObject({ read: 1, failed: 1, next_line: null });
      expect(result.errors).toMatchObject([{ line: 1, status: 413, code: 'BODY_TOO_LARGE' }]);
      expect(sent).toBe(length);
    };
    await isRefused(LONG_LINE / 10);
    expect(await growth(() => isRefused(LONG_LINE))).toBeLessThan(MOST_GROWN);
  });

  it('P30 stops after a while of lines that change nothing, and says where', async () => {
    await makeRoom();
    const lines = Buffer.from('{"coord":"1","content":"Said once."}\n'.repeat(1_000));
    const stopsInTime = async (stored: number): Promise<void> => {
      const { result } = await flood('namespace=skipped', lines);
      expect(result).toMatchObject({ stored, failed: 0, stopped: { reason: 'time', code: null } });
      expect(result.next_line).toBe(result.read + 1);
    };
    await stopsInTime(1);
    expect(await growth(() => stopsInTime(0))).toBeLessThan(MOST_GROWN);
  });

  it('P30 reads nothing of a stranger, nor what is packed', async () => {
    const stranger = 'soma_0000000000000000_0';
    const { status, sent } = await flood('', repeated, Infinity, stranger);
    expect(status).toBe(401);
    // What fits into buffers on the way, and what is dropped in two seconds, however fast it comes.
    expect(sent).toBeLessThan(4_000 * MEGABYTE);
    const raw = gzipSync(Buffer.alloc(10 * MEGABYTE, 'x'));
    const headers = { 'content-type': NDJSON, 'content-encoding': 'gzip' };
    expect(
      await sendRequest(service.url, 'POST', '/memories/import', {
        token: service.token,
        raw,
        headers,
      }),
    ).toMatchObject(problem('MEDIA_TYPE_UNSUPPORTED'));
    for (const type of ['application/json', 'text/plain', 'application/x-ndjsonx']) {
      const plain = { token: service.token, raw: '{}', headers: { 'content-type': type } };
      expect(await sendRequest(service.url, 'POST', '/memories/import', plain)).toMatchObject(
        problem('MEDIA_TYPE_UNSUPPORTED'),
      );
    }
  });
});

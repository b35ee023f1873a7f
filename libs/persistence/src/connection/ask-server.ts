import { Client } from 'pg';

/** What a server said, asked by a way of its own. */
export type ServerAnswer =
  /** Which of the backends asked about are at work on a statement. */
  | { readonly kind: 'answered'; readonly atWork: ReadonlySet<number> }
  /** It is there, and gave no answer: it refused the connection, or is slow. */
  | { readonly kind: 'present' }
  | { readonly kind: 'away'; readonly cause: unknown };

interface ActivityRow {
  readonly own: number;
  readonly at_work: readonly number[];
}

const ACTIVITY = `
  SELECT pg_backend_pid() AS own, array(
    SELECT pid FROM pg_stat_activity
    WHERE pid = ANY ($1::int[]) AND coalesce(state, '') NOT LIKE 'idle%') AS at_work`;

/** The number of a connection's backend; 0 while it has not been told. */
export const backendOf = (client: Client): number =>
  'processID' in client && typeof client.processID === 'number' ? client.processID : 0;

/**
 * Asks over a new connection, which shows that there is a way to the server at all, which of these
 * backends are at work; all of them are this login's own, which may see their state.
 */
export async function askServer(
  url: string,
  backends: readonly number[],
  deadlineMs: number,
): Promise<ServerAnswer> {
  const client = new Client({ connectionString: url, application_name: 'soma-watch' });
  let heard = false;
  client.on('error', () => {});
  const late = new Late(deadlineMs);
  try {
    const connecting = client.connect();
    client.connection.stream.once('data', () => {
      heard = true;
    });
    const asking = connecting.then(() => client.query<ActivityRow>(ACTIVITY, [[...backends]]));
    const [row] = (await Promise.race([asking, late.reached])).rows;
    // A pooler in between gives its own numbers, by which no backend is found.
    if (row?.own !== backendOf(client)) return { kind: 'present' };
    return { kind: 'answered', atWork: new Set(row.at_work) };
  } catch (cause) {
    return heard ? { kind: 'present' } : { kind: 'away', cause };
  } finally {
    late.cancel();
    client.connection.stream.destroy();
  }
}

/** A deadline that lets an answer through which came while this process was busy. */
class Late {
  private timer: NodeJS.Timeout | undefined;
  readonly reached: Promise<never>;

  constructor(ms: number) {
    this.reached = new Promise((_resolve, reject) => {
      this.timer = setTimeout(
        () => setImmediate(() => reject(new Error(`No answer within ${ms} ms.`))),
        ms,
      );
    });
    // Nobody waits for it any more once the answer is there.
    this.reached.catch(() => {});
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}

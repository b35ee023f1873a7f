import { setTimeout as sleep } from 'node:timers/promises';

/** What goes on in the background takes long on a machine that is busy with more than it. */
const PATIENCE_MS = 120_000;
const POLL_MS = 100;

/**
 * Asks until the answer is as wanted, and gives it.
 * @throws with the last answer when none was within two minutes.
 */
export async function eventually<Seen>(
  ask: () => Seen | Promise<Seen>,
  isWanted: (seen: Seen) => boolean,
): Promise<Seen> {
  for (const until = performance.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const seen = await ask();
    if (isWanted(seen)) return seen;
    if (performance.now() > until) {
      const last = JSON.stringify(seen) ?? String(seen);
      throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain; last seen: ${last.slice(0, 1_000)}`);
    }
  }
}

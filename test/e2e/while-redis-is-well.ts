const TRIES = 5;
const TRIPS = /^soma_breaker_trips_total\{dependency="redis"\} (\d+)$/m;

/** How often these processes have found Redis away; never on the embedded stack, which has none. */
async function tripsOf(urls: readonly string[]): Promise<number> {
  const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  return texts.reduce((sum, text) => sum + Number(TRIPS.exec(text)?.[1] ?? 0), 0);
}

/**
 * What `work` says of limits that are exact while Redis is well. A process that waited too long for
 * Redis, as on a busy machine, counts by itself for a while: then it is done again, and what it
 * threw means nothing.
 */
export async function whileRedisIsWell(
  urls: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const before = await tripsOf(urls);
    try {
      await work();
      return;
    } catch (error) {
      if (tried === TRIES || (await tripsOf(urls)) === before) throw error;
    }
  }
}

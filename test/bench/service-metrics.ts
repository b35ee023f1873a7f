const RSS = /^soma_process_resident_memory_bytes (\S+)$/m;
const CPU = /^soma_process_cpu_seconds_total (\S+)$/m;

/** Of the API process since it started: what a busy machine does not change. */
export const cpuSeconds = (url: string): Promise<number> => metric(url, CPU);

export const residentMb = async (url: string): Promise<number> =>
  Math.round((await metric(url, RSS)) / 1e6);

async function metric(url: string, line: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(line.exec(text)?.[1] ?? 0);
}

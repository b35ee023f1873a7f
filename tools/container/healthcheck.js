/**
 * `node healthcheck.js`: exit code 0 when the API or the worker of this container can serve, 1 when
 * none does. A program that listens nowhere (migration, command line) has ended before it is asked.
 */
const ports = [process.env.SOMA_API_PORT || '10101', process.env.SOMA_WORKER_PORT || '10102'];

const ready = async (port) => {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, {
    signal: AbortSignal.timeout(4000),
  });
  if (!answer.ok) throw new Error(`${port} answered ${answer.status}`);
};

await Promise.any(ports.map(ready)).catch((error) => {
  process.stderr.write(`${error.errors.map(String).join('; ')}\n`);
  process.exitCode = 1;
});

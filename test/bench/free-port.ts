import { freePorts } from '../../tools/services/free-port.ts';

/** A TCP port that nothing listened on a moment ago, and that no outgoing connection is given. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('No port is free.');
  return port;
}

import { callGrpc } from './grpc-call.ts';

const SERVICE = '/milvus.proto.milvus.MilvusService';
const VERSION = 2;
const IS_HEALTHY = 2;
const REASONS = 3;

/**
 * The version, once every component answers. After `kill -9` Milvus' own /healthz says OK while
 * its coordinators still look for the dead nodes: CheckHealth does not.
 */
export async function askMilvus(port: number): Promise<string> {
  const health = await callGrpc(port, `${SERVICE}/CheckHealth`);
  if (health.get(IS_HEALTHY) !== 1) {
    // The reason begins with a stack trace; what is wrong stands at its end.
    const reason = String(health.get(REASONS) ?? 'no reason given');
    throw new Error(`not healthy: …${reason.slice(-200)}`);
  }
  const version = await callGrpc(port, `${SERVICE}/GetVersion`);
  return String(version.get(VERSION) ?? 'unknown version');
}

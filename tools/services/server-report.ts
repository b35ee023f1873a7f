import { isAlive } from './process-table.ts';
import { serverDefinition } from './server-catalogue.ts';
import type { ServerName } from './server-definition.ts';
import type { ServerState, StateFile } from './state-file.ts';

export interface ServerReport {
  readonly name: ServerName;
  /** `mute` runs and does not answer. */
  readonly state: 'answering' | 'mute' | 'dead';
  readonly detail: string;
  readonly pid: number | null;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
}

export function reportServers(state: StateFile): Promise<ServerReport[]> {
  const servers = state.servers();
  const reports = state.names().flatMap((name) => {
    const known = servers[name];
    return known ? [reportServer(name, known)] : [];
  });
  return Promise.all(reports);
}

/** The environment of all known servers; of dead ones too, as they come back where they were. */
export function serverEnvironment(state: StateFile): Record<string, string> {
  const environment: Record<string, string> = { SOMA_SERVICES_DIR: state.dir };
  for (const [name, known] of Object.entries(state.servers()) as [ServerName, ServerState][]) {
    Object.assign(environment, serverDefinition(name).environment(known.instance));
  }
  return environment;
}

async function reportServer(name: ServerName, known: ServerState): Promise<ServerReport> {
  const { port, dataDir, logFile } = known.instance;
  const place = { name, port, dataDir, logFile };
  if (!known.process || !isAlive(known.process)) {
    return { ...place, state: 'dead', detail: 'no process', pid: null };
  }
  const { pid } = known.process;
  try {
    const detail = await serverDefinition(name).ask(known.instance);
    return { ...place, state: 'answering', detail, pid };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ...place, state: 'mute', detail, pid };
  }
}

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ProcessIdentity } from './process-table.ts';
import type { Instance, ServerName } from './server-definition.ts';

const FORMAT = 1;

export interface ServerState {
  readonly instance: Instance;
  /** The last process started for it; it may have ended since. */
  readonly process?: ProcessIdentity;
}

type Servers = Partial<Record<ServerName, ServerState>>;

interface Content {
  readonly format: number;
  readonly servers: Servers;
}

/** What was started in one directory. Written whole and renamed, so a reader never sees half. */
export class StateFile {
  readonly dir: string;
  private readonly path: string;

  constructor(dir: string) {
    this.dir = dir;
    this.path = join(dir, 'state.json');
  }

  servers(): Servers {
    if (!existsSync(this.path)) {
      return {};
    }
    const content = JSON.parse(readFileSync(this.path, 'utf8')) as Content;
    if (content.format !== FORMAT) {
      throw new Error(`${this.path} has format ${String(content.format)}, not ${String(FORMAT)}`);
    }
    return content.servers;
  }

  names(): ServerName[] {
    return Object.keys(this.servers()) as ServerName[];
  }

  put(name: ServerName, state: ServerState): void {
    this.write({ ...this.servers(), [name]: state });
  }

  remove(name: ServerName): void {
    const servers = this.servers();
    this.write(Object.fromEntries(Object.entries(servers).filter(([key]) => key !== name)));
  }

  private write(servers: Servers): void {
    mkdirSync(this.dir, { recursive: true });
    const content: Content = { format: FORMAT, servers };
    const next = `${this.path}.next`;
    // Passwords are in it.
    writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(next, this.path);
  }
}

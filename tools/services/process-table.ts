import { readdirSync, readFileSync } from 'node:fs';

/** A pid alone names a stranger once it is reused; with boot and start time it names one process. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  readonly group: number;
}

export function identify(pid: number): ProcessIdentity | undefined {
  const row = readRow(pid);
  return row && { pid: row.pid, startedAt: row.startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return readRow(identity.pid)?.startedAt === identity.startedAt;
}

/** The process, its group and all descendants: PostgreSQL's children leave the group with setsid. */
export function processTree(root: ProcessIdentity): ProcessIdentity[] {
  if (!isAlive(root)) {
    return [];
  }
  const rows = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => readRow(Number(entry)))
    .filter((row) => row !== undefined);
  const members = new Set([root.pid]);
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const row of rows) {
      if (members.has(row.parent) || row.group === root.pid) {
        members.add(row.pid);
      }
    }
  }
  return rows.filter((row) => members.has(row.pid));
}

/** `undefined` for no process and for a zombie, which nobody may ever reap in a container. */
function readRow(pid: number): ProcessRow | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  const startTicks = fields[19];
  if (state === undefined || state === 'Z' || state === 'X' || startTicks === undefined) {
    return undefined;
  }
  const startedAt = `${bootId()}/${startTicks}`;
  return { pid, startedAt, parent: Number(parent), group: Number(group) };
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

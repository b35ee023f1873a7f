import { Injectable } from '@nestjs/common';
import { Clock } from '@soma/core';
import { type DeletedMemory, DerivedStores, type Leftovers } from './derived-store.js';
import { type ClaimedDeletion, DeletionStore } from './deletion-store.js';
import type { DeletionStatus, Verification } from './deletion.schema.js';

const MEMORIES_A_PAGE = 500;
/** Looks after which what is found counts as residue; by then every index shows what was removed. */
const LOOKS_UNTIL_RESIDUE = 8;

interface Findings {
  readonly left: Record<string, number>;
  readonly unreachable: Set<string>;
  lookedFor: number;
  searchedWith: number;
}

/** Looks into every store for what a receipt says is gone, and clears what it finds. */
@Injectable()
export class DeletionVerifier {
  constructor(
    private readonly store: DeletionStore,
    private readonly derived: DerivedStores,
    private readonly clock: Clock,
  ) {}

  async verify(
    deletion: ClaimedDeletion,
  ): Promise<{ status: DeletionStatus; verification: Verification }> {
    const { scope, id, kind, attempts } = deletion;
    const tasks = await this.store.tasksLeft(scope, id);
    const findings = { left: {}, unreachable: new Set<string>(), lookedFor: 0, searchedWith: 0 };
    if (tasks === 0) {
      if (kind === 'tenant') await this.lookForTenant(deletion, findings);
      else await this.lookForMemories(deletion, findings);
    }
    const { left, unreachable, lookedFor, searchedWith } = findings;
    return {
      status: statusOf(tasks, findings, attempts),
      verification: {
        checked_at: this.clock.now().toISOString(),
        attempts,
        index_tasks: tasks,
        looked_for: lookedFor,
        searched_with: searchedWith,
        left,
        unreachable: [...unreachable],
      },
    };
  }

  private async lookForMemories({ scope, id }: ClaimedDeletion, findings: Findings): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.store.deleted(scope, id, MEMORIES_A_PAGE, after);
      add(findings.left, await this.store.rowsLeft(scope, page.memories));
      await this.inEach(findings, (store) => store.clear(scope, page.memories));
      findings.lookedFor += page.memories.length;
      findings.searchedWith += page.memories.filter(isSearchedWith).length;
      after = page.last;
    } while (after !== undefined);
  }

  private async lookForTenant({ scope }: ClaimedDeletion, findings: Findings): Promise<void> {
    await this.inEach(findings, (store) => store.clearTenant(scope));
    if (findings.unreachable.size > 0 || hasLeft(findings.left)) return;
    await this.store.dropTenant(scope);
    // Nothing can be written for it any more; what came until then goes now.
    await this.inEach(findings, (store) => store.clearTenant(scope));
    add(findings.left, await this.store.rowsOfTenant(scope));
  }

  private async inEach(
    { left, unreachable }: Findings,
    look: (store: DerivedStores['all'][number]) => Promise<Leftovers>,
  ): Promise<void> {
    for (const store of this.derived.all) {
      // One that did not answer is not asked again for the next page.
      if (unreachable.has(store.name)) continue;
      try {
        add(left, await look(store));
      } catch {
        unreachable.add(store.name);
      }
    }
  }
}

const isSearchedWith = ({ vector }: DeletedMemory): boolean => vector !== undefined;

const hasLeft = (left: Leftovers): boolean => Object.values(left).some((count) => count > 0);

function statusOf(tasks: number, findings: Findings, attempts: number): DeletionStatus {
  if (tasks > 0 || findings.unreachable.size > 0) return 'pending';
  if (!hasLeft(findings.left)) return 'verified';
  return attempts >= LOOKS_UNTIL_RESIDUE ? 'residue' : 'pending';
}

function add(sum: Record<string, number>, found: Leftovers): void {
  for (const [name, count] of Object.entries(found)) sum[name] = (sum[name] ?? 0) + count;
}

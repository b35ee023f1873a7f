import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  APPLY_STAGES,
  type ApplyPlace,
  type ApplyStage,
  type ApplyStep,
  type EncryptionState,
  Reencryption,
  type RowCounts,
} from '@soma/encryption';
import { Database } from '../connection/database.js';
import { reencryptAnswers, reencryptLinks, reencryptVectors } from './reencrypt-others.js';
import { reencryptQuarantined } from '../quarantine/reencrypt-quarantined.js';
import { reencryptMemories, reencryptVersions } from './reencrypt-memories.js';
import { countOutdated, type Reencrypting, wantedOf } from './outdated-rows.js';
import { RowCipher } from './row-cipher.js';

const STAGES: Readonly<Record<ApplyStage, (work: Reencrypting) => Promise<string[]>>> = {
  memories: reencryptMemories,
  versions: reencryptVersions,
  links: reencryptLinks,
  vectors: reencryptVectors,
  answers: reencryptAnswers,
  quarantined: reencryptQuarantined,
  archived_memories: (work) => reencryptMemories({ ...work, archived: true }),
  archived_versions: (work) => reencryptVersions({ ...work, archived: true }),
  archived_links: (work) => reencryptLinks({ ...work, archived: true }),
  archived_vectors: (work) => reencryptVectors({ ...work, archived: true }),
};

@Injectable()
export class PostgresReencryption extends Reencryption {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  step(scope: TenantScope, { stage, after }: ApplyPlace, limit: number): Promise<ApplyStep> {
    return this.database.withTenant(scope, async (transaction) => {
      const { cipher } = this;
      const places = await STAGES[stage]({ transaction, scope, cipher, after, limit });
      const last = places.length < limit ? undefined : places.at(-1);
      return { changed: places.length, next: nextPlace(stage, last) };
    });
  }

  remaining(scope: TenantScope, state: EncryptionState): Promise<RowCounts> {
    return this.database.withTenant(scope, (transaction) =>
      countOutdated(transaction, scope, wantedOf(state)),
    );
  }
}

function nextPlace(stage: ApplyStage, after: string | undefined): ApplyPlace | undefined {
  if (after !== undefined) return { stage, after };
  const next = APPLY_STAGES[APPLY_STAGES.indexOf(stage) + 1];
  return next && { stage: next, after: '' };
}

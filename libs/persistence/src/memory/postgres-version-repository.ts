import { Injectable } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import {
  type Memory,
  type MemoryAddress,
  type VersionPageRequest,
  VersionRepository,
} from '@soma/memory';
import { Database } from '../connection/database.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { knownMemories, knownVersions, versionedMemories } from './known-memories.js';
import { EARLIER_COLUMNS, memoryOfRow, type MemoryRow } from './memory-row.js';
import { namedAs } from './memory-where.js';

@Injectable()
export class PostgresVersionRepository extends VersionRepository {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  list(scope: TenantScope, id: MemoryId, { limit, below }: VersionPageRequest): Promise<Memory[]> {
    const older = below === undefined ? Prisma.empty : Prisma.sql`AND m.version < ${below}`;
    return this.read(
      scope,
      Prisma.sql`${versionedMemories(scope)} m WHERE m.id = ${id}::uuid ${older}
        ORDER BY m.version DESC LIMIT ${limit}`,
    );
  }

  async find(scope: TenantScope, id: MemoryId, version: number): Promise<Memory | undefined> {
    const [memory] = await this.read(
      scope,
      Prisma.sql`${versionedMemories(scope)} m
        WHERE m.id = ${id}::uuid AND m.version = ${version}`,
    );
    return memory;
  }

  async knownAt(
    scope: TenantScope,
    address: MemoryAddress,
    moment: Date,
  ): Promise<Memory | undefined> {
    const [memory] = await this.read(
      scope,
      Prisma.sql`${knownVersions(scope, moment)} m WHERE ${namedAs(address)}`,
    );
    if (!memory || memory.slot === null) return memory;
    const [fact] = await this.read(
      scope,
      Prisma.sql`${knownMemories(scope, moment)} m WHERE m.namespace = ${memory.namespace}
        AND m.slot = ${memory.slot} AND m.id = ${memory.id}::uuid`,
    );
    return fact;
  }

  private read(scope: TenantScope, from: Prisma.Sql): Promise<Memory[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<MemoryRow[]>`SELECT ${EARLIER_COLUMNS} FROM ${from}`;
      return (await this.cipher.open(scope, rows)).map(memoryOfRow);
    });
  }
}

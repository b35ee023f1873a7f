import { Injectable } from '@nestjs/common';
import { type PageEnd, parseCoordinate, type TenantScope } from '@soma/core';
import { EncryptedFields } from '@soma/encryption';
import { LinkRepository } from '@soma/graph';
import {
  foundMemory,
  type MemoryAddress,
  memoryConditions,
  type MemoryPageRequest,
  MemoryRepository,
} from '@soma/memory';
import { linkLine, memoryLine } from './export-line.js';
import type { ExportQuery } from './export.schema.js';

/** Each may have a megabyte, and a page is held as a whole. */
const MEMORIES_A_PAGE = 50;
const LINKS_A_PAGE = 500;

export interface ExportPage {
  readonly lines: readonly object[];
  /** Of the memories that the lines show. */
  readonly memoryIds: readonly string[];
}

/** Memories of a namespace with the links among them, as an import takes them. */
@Injectable()
export class ExportService {
  constructor(
    private readonly memories: MemoryRepository,
    private readonly links: LinkRepository,
    private readonly encrypted: EncryptedFields,
  ) {}

  /**
   * Memories in the order in which they were stored, superseded facts included and derived ones left
   * out; then, if asked for, the links between two that the query means. One page is read when the
   * one before has been taken.
   * @throws SomaError for a query that cannot be answered, before the first page.
   */
  async *pages(
    scope: TenantScope,
    query: ExportQuery,
    { withLinks }: { readonly withLinks: boolean },
  ): AsyncGenerator<ExportPage> {
    scope.assertNamespace(query.namespace);
    const among = { ...memoryConditions(query), withDerived: false, withSuperseded: true };
    await this.encrypted.assertFilterable(scope, among.filter);
    yield* this.memoryPages(scope, among, await this.endBefore(scope, query));
    if (withLinks) yield* this.linkPages(scope, among);
  }

  private async *memoryPages(
    scope: TenantScope,
    among: Conditions,
    start: PageEnd | undefined,
  ): AsyncGenerator<ExportPage> {
    const page = { ...among, sort: 'created_at', order: 'asc', limit: MEMORIES_A_PAGE } as const;
    let after = start;
    for (;;) {
      const memories = await this.memories.list(scope, { ...page, after });
      yield { lines: memories.map(memoryLine), memoryIds: memories.map(({ id }) => id) };
      const last = memories.at(-1);
      if (!last || memories.length < MEMORIES_A_PAGE) return;
      after = { value: last.created_at, id: last.id };
    }
  }

  private async *linkPages(scope: TenantScope, among: Conditions): AsyncGenerator<ExportPage> {
    let after: string | undefined;
    do {
      const { links, next } = await this.links.among(scope, among, { after, limit: LINKS_A_PAGE });
      const ends = links.flatMap(({ from_id, to_id }) => [from_id, to_id]);
      yield { lines: links.map(linkLine), memoryIds: [...new Set(ends)] };
      after = next;
    } while (after !== undefined);
  }

  private async endBefore(
    scope: TenantScope,
    { namespace, after }: ExportQuery,
  ): Promise<PageEnd | undefined> {
    if (after === undefined) return undefined;
    const address: MemoryAddress = {
      kind: 'coordinate',
      namespace,
      coordinate: parseCoordinate(after),
    };
    const { id, created_at: value } = foundMemory(
      await this.memories.find(scope, address),
      address,
    );
    return { value, id };
  }
}

type Conditions = Omit<MemoryPageRequest, 'limit' | 'sort' | 'order' | 'after'>;

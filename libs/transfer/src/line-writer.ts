import { Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import { GraphService, type LinkBetween, type LinkOutcome } from '@soma/graph';
import { invalidItem, MemoryCollectionService } from '@soma/memory';
import { type ImportLine, isLinkLine } from './import-lines.js';
import { type ImportQuery, linkLineSchema } from './import.schema.js';
import { failedBy, type LineOutcome, outcomeOfItem } from './line-outcome.js';

export interface LineTarget extends Pick<ImportQuery, 'namespace' | 'on_conflict'> {
  /** Whether the token may write links. */
  readonly canLink: boolean;
}

type Judged = Map<ImportLine, LineOutcome>;

/** Writes lines by the services that clients write by. */
@Injectable()
export class LineWriter {
  constructor(
    private readonly memories: MemoryCollectionService,
    private readonly graph: GraphService,
  ) {}

  /**
   * All that can be stored in one transaction, each line with an outcome, in order.
   * @throws SomaError when nothing of it was stored.
   */
  async write(
    scope: TenantScope,
    lines: readonly ImportLine[],
    target: LineTarget,
  ): Promise<LineOutcome[]> {
    const judged: Judged = new Map();
    for (const line of lines) {
      const fault = line.fault ?? faultOf(line, target);
      if (fault) judged.set(line, failedBy(fault));
    }
    const sound = lines.filter((line) => !judged.has(line));
    const [first] = sound;
    if (first && isLinkLine(first)) await this.writeLinks(scope, sound, target, judged);
    else if (first) await this.writeMemories(scope, sound, target, judged);
    return lines.map((line) => {
      const outcome = judged.get(line);
      if (!outcome) throw new Error(`Line ${line.number} has no outcome.`);
      return outcome;
    });
  }

  private async writeMemories(
    scope: TenantScope,
    lines: readonly ImportLine[],
    { namespace, on_conflict }: LineTarget,
    judged: Judged,
  ): Promise<void> {
    const memories = lines.map(({ value }) => (isObject(value) ? { ...value, namespace } : value));
    const onlyNew = on_conflict !== 'replace';
    const { results } = await this.memories.storeBulk(scope, { memories }, { onlyNew });
    for (const result of results) {
      const line = lines[result.index];
      if (line) judged.set(line, outcomeOfItem(result, on_conflict));
    }
  }

  private async writeLinks(
    scope: TenantScope,
    lines: readonly ImportLine[],
    { namespace, on_conflict }: LineTarget,
    judged: Judged,
  ): Promise<void> {
    const sound: { readonly line: ImportLine; readonly link: LinkBetween }[] = [];
    for (const line of lines) {
      const { data, error } = linkLineSchema.safeParse(line.value);
      if (data) sound.push({ line, link: data.link });
      else judged.set(line, failedBy(invalidItem('The link is not valid; see errors.', error)));
    }
    const outcomes = await this.graph.linkAll(
      scope,
      { namespace, links: sound.map(({ link }) => link) },
      { onlyNew: on_conflict !== 'replace' },
    );
    for (const [position, { line, link }] of sound.entries()) {
      const outcome = outcomes[position] ?? 'end-missing';
      judged.set(line, outcomeOfLink(outcome, link, on_conflict));
    }
  }
}

function outcomeOfLink(
  outcome: LinkOutcome,
  { from_coord, to_coord }: LinkBetween,
  onConflict: ImportQuery['on_conflict'],
): LineOutcome {
  if (outcome === 'made') return { kind: 'stored' };
  if (outcome === 'changed') return { kind: 'replaced' };
  if (outcome === 'kept' && onConflict === 'skip') return { kind: 'skipped' };
  const ends = `from "${from_coord}" to "${to_coord}"`;
  return failedBy(
    outcome === 'kept'
      ? new SomaError('LINK_EXISTS', `There is a link of this type ${ends} already.`)
      : new SomaError(
          'MEMORY_NOT_FOUND',
          `The link ${ends} has an end that does not exist in this namespace.`,
        ),
  );
}

/** What a line may not say here. */
function faultOf(line: ImportLine, { namespace, canLink }: LineTarget): SomaError | undefined {
  if (isLinkLine(line) && !canLink) {
    return new SomaError('SCOPE_MISSING', 'Links are imported with the scope graph:write as well.');
  }
  const own = isObject(line.value) ? line.value['namespace'] : undefined;
  if (own === undefined || (typeof own === 'string' && own.normalize('NFC') === namespace)) {
    return undefined;
  }
  const message = `The import is into ${JSON.stringify(namespace)}; leave it out, or name that.`;
  return new SomaError('VALIDATION_FAILED', 'The line names another namespace.', {
    errors: [{ path: 'namespace', message }],
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import type { TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import { balancedJoin } from './balanced-join.js';
import { FIELDS } from './collection-schema.js';
import { entryKey } from './entry-row.js';
import { comparisonTest, type CompareFilter } from './milvus-comparison.js';
import { textLiteral } from './milvus-literal.js';
import type { FilterDialect } from './server-features.js';
import type { TestContext } from './test-context.js';

/** An expression that at least all matching entries pass; undefined where all must pass. */
type Restriction = string | undefined;

/**
 * What a search or count is restricted to. There is no way to build one without a scope, and the
 * tenant's term is always its last conjunct.
 */
export class TenantExpression {
  private constructor(readonly text: string) {}

  static of(
    scope: TenantScope,
    namespace: string,
    filter?: { readonly filter: Filter | undefined; readonly dialect: FilterDialect },
  ): TenantExpression {
    const restriction = filter?.filter && compileFilter(filter.filter, filter.dialect);
    const terms = [
      ...(restriction ? [`(${restriction})`] : []),
      `${FIELDS.namespace} == ${textLiteral(namespace)}`,
      `${FIELDS.tenantId} == ${textLiteral(scope.tenantId)}`,
    ];
    return new TenantExpression(terms.join(' and '));
  }

  /** All of a tenant's entries, or those with keys past that of `entryId`. */
  static ofTenant(scope: TenantScope, entryId?: string): TenantExpression {
    const terms = [
      ...(entryId === undefined
        ? []
        : [`${FIELDS.key} > ${textLiteral(entryKey(scope, entryId))}`]),
      `${FIELDS.tenantId} == ${textLiteral(scope.tenantId)}`,
    ];
    return new TenantExpression(terms.join(' and '));
  }

  static ofEntries(scope: TenantScope, entryIds: readonly string[]): TenantExpression {
    const keys = entryIds.map((entryId) => entryKey(scope, entryId));
    return TenantExpression.amongst(scope, FIELDS.key, keys);
  }

  static ofMemories(scope: TenantScope, memoryIds: readonly string[]): TenantExpression {
    return TenantExpression.amongst(scope, FIELDS.memoryId, memoryIds);
  }

  private static amongst(
    scope: TenantScope,
    field: string,
    values: readonly string[],
  ): TenantExpression {
    const listed = values.map(textLiteral).join(', ');
    return new TenantExpression(
      `${field} in [${listed}] and ${FIELDS.tenantId} == ${textLiteral(scope.tenantId)}`,
    );
  }
}

/**
 * The filter in Milvus' language. It never keeps out a matching entry; it lets others through where
 * the servers differ or fall short: parts of texts, `null`, metadata keys that look like list
 * positions or hold brackets, quotes or control characters, negated metadata terms on a server whose
 * logic is unsure, and entries whose metadata was too large to index.
 */
export const compileFilter = (filter: Filter, dialect: FilterDialect): Restriction =>
  compile(filter, { dialect, isNegated: false });

/** Negation is carried down to the comparisons, so that leaving one out only ever widens. */
function compile(filter: Filter, context: TestContext): Restriction {
  switch (filter.kind) {
    case 'not':
      return compile(filter.filter, negated(context));
    case 'compare':
      return comparison(filter, context);
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => compile(part, context));
      return (filter.kind === 'and') === context.isNegated ? anyOf(parts) : allOf(parts);
    }
  }
}

const negated = (context: TestContext): TestContext => ({
  ...context,
  isNegated: !context.isNegated,
});

function allOf(parts: readonly Restriction[]): Restriction {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : balancedJoin(known, 'and');
}

function anyOf(parts: readonly Restriction[]): Restriction {
  const known = parts.filter((part) => part !== undefined);
  return known.length < parts.length ? undefined : balancedJoin(known, 'or');
}

function comparison(compare: CompareFilter, context: TestContext): Restriction {
  const { field, op } = compare;
  const { dialect, isNegated } = context;
  if (isNegated && field.kind === 'metadata' && dialect.logic === 'unsure') return undefined;
  const test = comparisonTest(compare, context);
  if (test === undefined) return undefined;
  const term = isNegated ? `not (${test})` : test;
  const isInJson = field.kind === 'metadata' || (field.name === 'tags' && op !== 'exists');
  return isInJson ? balancedJoin([`${FIELDS.leftOut} == true`, term], 'or') : term;
}

import { Inject, Injectable } from '@nestjs/common';
import {
  type Consolidate,
  type Consolidated,
  ConsolidationRunner,
  ConsolidationService,
  type DueNamespace,
  type NodesChanged,
} from '@soma/consolidation';
import { SomaError, type TenantScope } from '@soma/core';
import { onlyRefusals } from './delete-hooks.js';
import type { ConsolidateOrder } from './extension.js';
import { Extensions } from './extensions.js';

const assertAllowed = (
  extensions: Extensions,
  scope: TenantScope,
  order: ConsolidateOrder,
): Promise<ConsolidateOrder> => extensions.before('beforeConsolidate', scope, order, onlyRefusals);

@Injectable()
export class ExtendedConsolidationService extends ConsolidationService {
  @Inject(Extensions) private readonly extensions!: Extensions;

  override async consolidate(scope: TenantScope, request: Consolidate): Promise<Consolidated> {
    if (request.namespace !== undefined) scope.assertNamespace(request.namespace);
    const order = { ...request, by: 'request' } as const;
    await assertAllowed(this.extensions, scope, order);
    const done = await super.consolidate(scope, request);
    const { created, removed } = done;
    this.extensions.after('afterConsolidate', scope, { ...order, created, removed });
    return done;
  }
}

/** A namespace of which consolidation is refused stays marked, and is asked of again. */
@Injectable()
export class ExtendedConsolidationRunner extends ConsolidationRunner {
  @Inject(Extensions) private readonly extensions!: Extensions;

  protected override async consolidate(due: DueNamespace): Promise<NodesChanged> {
    const { scope, namespace } = due;
    const order = { namespace, by: 'background' } as const;
    try {
      await assertAllowed(this.extensions, scope, order);
    } catch (error) {
      if (error instanceof SomaError && error.code === 'EXTENSION_REFUSED') return NOTHING;
      throw error;
    }
    const changed = await super.consolidate(due);
    const { created, removed } = changed;
    if (created + removed > 0) {
      this.extensions.after('afterConsolidate', scope, { ...order, created, removed });
    }
    return changed;
  }
}

const NOTHING: NodesChanged = { created: 0, removed: 0, more: false };

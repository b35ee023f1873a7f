import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type ListNamespaces,
  listNamespacesSchema,
  type Namespace,
  type NamespaceDeletion,
  namespaceDeletionSchema,
  type NamespacePage,
  namespacePageSchema,
  namespaceSchema,
  NamespaceService,
  namespaceStateSchema,
  type SetNamespace,
  setNamespaceSchema,
} from '@soma/memory';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { Idempotency } from '../http/idempotency.js';

const ApiNamespace = () =>
  ApiParam({ name: 'namespace', description: 'Name of the namespace.', example: 'default' });

@ApiTags('namespaces')
@ApiBearerAuth()
@Controller('namespaces')
export class NamespacesController {
  constructor(private readonly namespaces: NamespaceService) {}

  @Get()
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'List namespaces by name, by page' })
  @ApiOkResponse({ standardSchema: namespacePageSchema, description: 'A page.' })
  @ApiProblems('CURSOR_INVALID')
  list(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: listNamespacesSchema }) query: ListNamespaces,
  ): Promise<NamespacePage> {
    return this.namespaces.list(scope, query);
  }

  @Get(':namespace')
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'Read what is known of a namespace' })
  @ApiNamespace()
  @ApiOkResponse({ standardSchema: namespaceStateSchema, description: 'The namespace.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'NAMESPACE_NOT_FOUND')
  get(
    @CallerTenant() scope: TenantScope,
    @Param('namespace', { schema: namespaceSchema }) namespace: string,
  ): Promise<Namespace> {
    return this.namespaces.get(scope, namespace);
  }

  @Put(':namespace')
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Set the language in which words are stemmed, also of what is stored' })
  @ApiNamespace()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: namespaceStateSchema, description: 'The namespace, as set.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'NAMESPACE_TOO_LARGE', 'IDEMPOTENCY_KEY_REUSED')
  set(
    @CallerTenant() scope: TenantScope,
    @Param('namespace', { schema: namespaceSchema }) namespace: string,
    @Body({ schema: setNamespaceSchema }) body: SetNamespace,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Namespace> {
    return this.namespaces.set(scope, namespace, body, claim);
  }

  @Delete(':namespace')
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Delete a namespace with every memory it holds' })
  @ApiNamespace()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: namespaceDeletionSchema, description: 'What was deleted.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'NAMESPACE_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
  )
  delete(
    @CallerTenant() scope: TenantScope,
    @Param('namespace', { schema: namespaceSchema }) namespace: string,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<NamespaceDeletion> {
    return this.namespaces.delete(scope, namespace, claim);
  }
}

import { Controller, Get, HttpCode, Post, Query, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { AuditRecorder } from '@soma/audit';
import type { TenantScope } from '@soma/core';
import {
  Caller,
  CallerTenant,
  OpenToQuarantined,
  type Principal,
  RequireScope,
  type TokenScope,
} from '@soma/tenancy';
import {
  type ExportQuery,
  exportQuerySchema,
  ExportService,
  type ImportQuery,
  importQuerySchema,
  type ImportResult,
  importResultSchema,
  ImportService,
  MAX_FAILED,
  MAX_LINE_BYTES,
} from '@soma/transfer';
import type { Response } from 'express';
import { ApiProblems } from '../http/api-responses.js';
import { CallerGone } from '../http/caller-gone.js';
import { TakesNoPlace } from '../http/fair-share.interceptor.js';
import { FairTurns } from '../http/fair-turns.js';
import { parseJson } from '../http/json-body.js';
import { NDJSON, NdjsonUpload, Upload } from '../http/ndjson-upload.js';
import { exportStream } from './export-stream.js';

/** A caller that takes nothing for so long is cut off, and can go on with `after`. */
const STALLED_MS = 60_000;

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories')
export class MemoryTransferController {
  constructor(
    private readonly exports: ExportService,
    private readonly imports: ImportService,
    private readonly turns: FairTurns,
    private readonly recorder: AuditRecorder,
  ) {}

  @Get('export')
  @RequireScope('memories:read')
  @TakesNoPlace()
  @ApiOperation({
    summary:
      'Memories of a namespace, oldest first, one JSON object a line, as an import takes them',
    description:
      'Then the links between them, as `{"link":{…}}`, with the scope `graph:read`. Superseded facts ' +
      'go along; derived memories, versions, ids and times of the store do not.',
  })
  @ApiProduces(NDJSON)
  @ApiOkResponse({
    description: 'A line for each. A failure on the way cuts the connection; go on with `after`.',
    schema: { type: 'string' },
  })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'FILTER_INVALID', 'COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  async export(
    @Caller() by: Principal,
    @CallerTenant() scope: TenantScope,
    @Query({ schema: exportQuerySchema }) query: ExportQuery,
    @CallerGone() gone: AbortSignal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const pages = this.exports.pages(scope, query, { withLinks: may(by, 'graph:read') });
    const isHead = response.req.method === 'HEAD';
    const lines = await exportStream(async () => {
      const next = await this.turns.take(scope, gone, () => pages.next());
      if (next.done || isHead) return undefined;
      await this.note(scope, next.value.memoryIds);
      return next.value;
    });
    response.setTimeout(STALLED_MS, () => response.destroy());
    return new StreamableFile(lines, { type: NDJSON }).setErrorHandler((_error, answer) => {
      answer.destroy?.();
    });
  }

  @Post('import')
  @HttpCode(200)
  @RequireScope('memories:write')
  @OpenToQuarantined()
  @TakesNoPlace()
  @ApiOperation({
    summary:
      'Store memories and links from lines of JSON, as an export or `POST /memories` has them',
    description:
      `Read as it arrives and stored a hundred lines at a time. A line has ${MAX_LINE_BYTES} bytes at ` +
      'most. It stops where the quota ends, ' +
      `when ${MAX_FAILED} lines have failed, and 20 s after the request began; \`next_line\` says ` +
      'where to go on. Lines of links need the scope `graph:write`.',
  })
  @ApiConsumes(NDJSON)
  @ApiBody({
    required: true,
    schema: {
      type: 'string',
      example:
        '{"coord":"1,2,3","content":"The user prefers answers in French."}\n' +
        '{"coord":"4,5,6","content":"The user lives in Lyon."}\n' +
        '{"link":{"from_coord":"4,5,6","to_coord":"1,2,3","link_type":"causes"}}\n',
    },
  })
  @ApiOkResponse({ standardSchema: importResultSchema, description: 'What became of the lines.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'EXTENSION_FAILED', 'MEDIA_TYPE_UNSUPPORTED')
  import(
    @Caller() by: Principal,
    @CallerTenant() scope: TenantScope,
    @Query({ schema: importQuerySchema }) query: ImportQuery,
    @Upload() upload: NdjsonUpload,
    @CallerGone() gone: AbortSignal,
  ): Promise<ImportResult> {
    const source = { lines: upload.lines(), parse: (line: Buffer) => parseJson(line, 'line') };
    return this.imports.run(scope, query, source, {
      canLink: may(by, 'graph:write'),
      late: upload.late,
      inTurn: (work) => this.turns.take(scope, gone, work),
    });
  }

  private note(scope: TenantScope, memoryIds: readonly string[]): Promise<void> {
    return this.recorder.recall(scope, {
      action: 'memories.export',
      targetKind: 'memories',
      target: '',
      outcome: 'done',
      details: { memories: memoryIds.length },
      memoryIds,
    });
  }
}

const may = (by: Principal, scope: TokenScope): boolean =>
  by.kind === 'tenant' && by.scopes.has(scope);

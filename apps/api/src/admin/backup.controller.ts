import { Readable } from 'node:stream';
import { Controller, Get, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { DatabaseCopy, sealed } from '@soma/backup';
import { OperatorOnly } from '@soma/tenancy';
import { AuditsCommand } from '../http/audit.interceptor.js';
import { ApiProblems } from '../http/api-responses.js';
import { VERSION } from '../status/version.js';

const TYPE = 'application/octet-stream';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/backup')
export class BackupController {
  constructor(private readonly database: DatabaseCopy) {}

  @Get()
  @AuditsCommand('backup.read')
  @OperatorOnly()
  @ApiOperation({ summary: 'A copy of the embedded database as of now, for `soma admin restore`' })
  @ApiProduces(TYPE)
  @ApiOkResponse({
    description: 'A packed tar of the data folder, followed by its manifest and their SHA-256.',
    schema: { type: 'string', format: 'binary' },
  })
  @ApiProblems('BACKUP_ELSEWHERE')
  async read(): Promise<StreamableFile> {
    const { contents, chunks } = await this.database.copy();
    const created_at = new Date().toISOString();
    const description = {
      kind: 'pglite' as const,
      service_version: VERSION,
      created_at,
      dump_version: null,
      ...contents,
    };
    return new StreamableFile(Readable.from(sealed(chunks, description)), {
      type: TYPE,
      disposition: `attachment; filename="soma-${created_at.replaceAll(':', '-')}.backup"`,
    });
  }
}

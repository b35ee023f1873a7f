import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  type Reembedding,
  reembeddingSchema,
  type ReembedRequest,
  reembedRequestSchema,
  ReembedService,
} from '@soma/indexing';
import { OperatorOnly } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';

const Accepted = () =>
  ApiAcceptedResponse({
    standardSchema: reembeddingSchema,
    description: 'Noted; the work goes on in the background.',
  });

@ApiTags('admin')
@ApiBearerAuth()
@OperatorOnly()
@Controller('admin/reembed')
export class ReembedController {
  constructor(private readonly reembedding: ReembedService) {}

  @Get()
  @ApiOperation({ summary: 'Which embedding models are in use, and how far a change is' })
  @ApiOkResponse({ standardSchema: reembeddingSchema, description: 'The models.' })
  @ApiProblems()
  status(): Promise<Reembedding> {
    return this.reembedding.status();
  }

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Have all memories embedded by another model, and switch to it' })
  @Accepted()
  @ApiProblems('EMBEDDING_MODEL_CONFLICT', 'EMBEDDING_UNAVAILABLE', 'DEPENDENCY_UNAVAILABLE')
  start(@Body({ schema: reembedRequestSchema }) body: ReembedRequest): Promise<Reembedding> {
    return this.reembedding.start(body);
  }

  @Delete()
  @HttpCode(202)
  @ApiOperation({ summary: 'Give up a change that is under way; the active model stays' })
  @Accepted()
  @ApiProblems('EMBEDDING_MODEL_CONFLICT', 'DEPENDENCY_UNAVAILABLE')
  cancel(): Promise<Reembedding> {
    return this.reembedding.cancel();
  }

  @Post('switch')
  @HttpCode(202)
  @ApiOperation({ summary: 'Switch to the model that is ready' })
  @Accepted()
  @ApiProblems('EMBEDDING_MODEL_CONFLICT', 'DEPENDENCY_UNAVAILABLE')
  switch(): Promise<Reembedding> {
    return this.reembedding.switch();
  }

  @Post('rollback')
  @HttpCode(202)
  @ApiOperation({ summary: 'Go back to the model before' })
  @Accepted()
  @ApiProblems('EMBEDDING_MODEL_CONFLICT', 'DEPENDENCY_UNAVAILABLE')
  rollback(): Promise<Reembedding> {
    return this.reembedding.rollback();
  }

  @Post('finish')
  @HttpCode(202)
  @ApiOperation({ summary: 'Drop the model before; there is no way back then' })
  @Accepted()
  @ApiProblems('EMBEDDING_MODEL_CONFLICT', 'DEPENDENCY_UNAVAILABLE')
  finish(): Promise<Reembedding> {
    return this.reembedding.finish();
  }
}

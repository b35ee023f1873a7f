import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../status/version.js';
import { describeProblems } from './describe-problems.js';

/** Serves the OpenAPI document at /openapi.json and Swagger at /api/docs. */
export function serveDocument(app: NestExpressApplication, document: OpenAPIObject): void {
  SwaggerModule.setup('api/docs', app, document, {
    customSiteTitle: 'SomaFractalMemory',
    jsonDocumentUrl: 'openapi.json',
  });
}

export function buildDocument(app: NestExpressApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('SomaFractalMemory')
    .setDescription(
      'Long-term memory for AI agents. Send `Authorization: Bearer soma_<id>_<secret>`; the ' +
        'token says whose memories they are.',
    )
    .setVersion(VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .build();
  return describeProblems(SwaggerModule.createDocument(app, base));
}

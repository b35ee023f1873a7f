import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { openInfrastructure, runUntilStopped } from '@soma/composition';
import { loadConfig } from '@soma/config';
import { TenancyService, TokenService, TokenVerifier } from '@soma/tenancy';
import { createApi } from './app.setup.js';
import { embeddedToken, withAdminToken } from './first-start.js';
import { welcome } from './welcome.js';

async function start(): Promise<void> {
  const config = withAdminToken(loadConfig());
  const infrastructure = await openInfrastructure(config);
  const app = await createApi(infrastructure);
  await app.listen(config.api.port, config.api.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://${config.api.host === '0.0.0.0' ? '127.0.0.1' : config.api.host}:${port}`;
  const token = config.postgres
    ? undefined
    : await embeddedToken(
        config,
        app.get(TenancyService),
        app.get(TokenService),
        app.get(TokenVerifier),
      );
  process.stdout.write(welcome(url, token, config));
  runUntilStopped(app, infrastructure);
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

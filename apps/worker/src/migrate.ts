import 'reflect-metadata';
import { loadConfig } from '@soma/config';
import { migratePostgres } from '@soma/persistence';

async function run(): Promise<void> {
  const { postgres } = loadConfig();
  if (!postgres?.ownerUrl) {
    throw new Error(
      'Set SOMA_POSTGRES_URL and SOMA_POSTGRES_OWNER_URL. The embedded database migrates itself.',
    );
  }
  const { applied, login } = await migratePostgres(postgres.ownerUrl, postgres.url);
  const done = applied.length === 0 ? 'Nothing to apply.' : `Applied: ${applied.join(', ')}.`;
  process.stdout.write(`${done} The service may log in as "${login}".\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

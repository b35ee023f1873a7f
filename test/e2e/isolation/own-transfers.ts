import type { ImportResult } from '@soma/transfer';
import { NDJSON } from '../transfer-client.js';
import type { OperationKey } from './operations.js';
import { SIZE } from './party.js';
import { withQuery } from './probe.js';
import type { OwnRequest, Turn } from './turn.js';

/** All of the vault, whose coordinates the other tenant has too, with the links in it. */
async function exportVault({ session, party }: Turn): Promise<void> {
  const { status, body } = await session.send<string>('GET /memories/export', party, {
    path: withQuery('/memories/export', { namespace: 'vault' }),
  });
  const lines = body.split('\n').filter((line) => line !== '');
  expect({ status, lines: lines.length }).toEqual({ status: 200, lines: SIZE + SIZE - 1 });
  for (const line of lines.slice(0, SIZE)) expect(line).toContain(party.canary);
}

/** Into a namespace of its own, of one line, which comes out again. */
async function importAndExport({ session, party, random }: Turn): Promise<void> {
  const namespace = `imported-${random.hex(8)}`;
  const content = `Imported, ${party.canary}.`;
  const attempt = {
    path: withQuery('/memories/import', { namespace }),
    body: { coord: '1,1', content },
    headers: { 'content-type': NDJSON },
  };
  const first = await session.send<ImportResult>('POST /memories/import', party, attempt);
  const again = await session.send<ImportResult>('POST /memories/import', party, attempt);
  expect([first.body, again.body]).toMatchObject([{ stored: 1 }, { stored: 0, skipped: 1 }]);
  const { body } = await session.send<string>('GET /memories/export', party, {
    path: withQuery('/memories/export', { namespace }),
  });
  expect(JSON.parse(body)).toMatchObject({ coord: '1,1', content });
}

export const OWN_TRANSFERS: Readonly<Record<OperationKey, readonly OwnRequest[]>> = {
  'GET /memories/export': [exportVault, importAndExport],
  'POST /memories/import': [importAndExport],
};

import { startVaultStandIn, type VaultServer } from './vault-stand-in.js';

/**
 * A real Vault or OpenBao where `SOMA_TEST_VAULT_URL` and `SOMA_TEST_VAULT_TOKEN` (one that may mount
 * engines) name one, else the stand-in.
 */
export async function openVault(): Promise<VaultServer> {
  const { SOMA_TEST_VAULT_URL: url, SOMA_TEST_VAULT_TOKEN: token } = process.env;
  if (url === undefined || token === undefined) return startVaultStandIn();
  const send = (path: string, body: object = {}): Promise<Response> =>
    fetch(`${url}/v1/${path}`, {
      method: 'POST',
      headers: { 'x-vault-token': token },
      body: JSON.stringify(body),
    });
  // It is there already when another test was first.
  await send('sys/mounts/transit', { type: 'transit' });
  const made = await send('transit/keys/soma');
  if (!made.ok) throw new Error(`Vault made no transit key: ${made.status} ${await made.text()}`);
  return {
    url,
    token,
    rotate: async () => {
      const rotated = await send('transit/keys/soma/rotate');
      if (!rotated.ok) throw new Error(`Vault did not rotate its key: ${rotated.status}`);
    },
    close: () => Promise.resolve(),
  };
}

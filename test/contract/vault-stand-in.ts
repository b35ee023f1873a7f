import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A transit engine on loopback, as Vault's documentation of its HTTP API describes it. */
export interface VaultServer {
  readonly url: string;
  readonly token: string;
  /** Gives the transit key a new version. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

const MOUNT_AND_KEY = { mount: 'transit', key: 'soma' } as const;

export async function startVaultStandIn(): Promise<VaultServer> {
  const token = `hvs.${randomBytes(24).toString('hex')}`;
  const versions = [randomBytes(32)];
  const server = createServer((request, response) => {
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const answer = async (): Promise<void> => {
      const body = await bodyOf(request);
      if (request.headers['x-vault-token'] !== token) {
        send(403, { errors: ['permission denied'] });
        return;
      }
      const [, path] = /^\/v1\/(.*)$/.exec(request.url ?? '') ?? [];
      const found = transit(`${request.method} ${path}`, body, versions);
      if (found === undefined) send(404, { errors: [] });
      else if (typeof found === 'string') send(400, { errors: [found] });
      else send(200, { request_id: 'x', lease_id: '', renewable: false, data: found });
    };
    void answer();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    rotate: () => {
      versions.push(randomBytes(32));
      return Promise.resolve();
    },
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

type Body = Record<string, string | undefined>;

/** @returns data, a message of refusal, or undefined for a path that is not there. */
function transit(operation: string, body: Body, versions: Buffer[]): object | string | undefined {
  const { mount, key } = MOUNT_AND_KEY;
  switch (operation) {
    case `GET ${mount}/keys/${key}`:
      return { name: key, type: 'aes256-gcm96', latest_version: versions.length };
    case `POST ${mount}/encrypt/${key}`:
      return encrypt(body['plaintext'] ?? '', versions);
    case `POST ${mount}/decrypt/${key}`: {
      const plaintext = decrypt(body['ciphertext'] ?? '', versions);
      return plaintext === undefined ? REFUSAL : { plaintext };
    }
    case `POST ${mount}/rewrap/${key}`: {
      const plaintext = decrypt(body['ciphertext'] ?? '', versions);
      return plaintext === undefined ? REFUSAL : encrypt(plaintext, versions);
    }
    default:
      return undefined;
  }
}

const REFUSAL = 'cipher: message authentication failed';

function encrypt(plaintext: string, versions: readonly Buffer[]): object {
  const version = versions.length;
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', versions[version - 1] ?? Buffer.alloc(0), nonce);
  const text = Buffer.concat([cipher.update(plaintext, 'base64'), cipher.final()]);
  const bytes = Buffer.concat([nonce, text, cipher.getAuthTag()]);
  return { ciphertext: `vault:v${version}:${bytes.toString('base64')}`, key_version: version };
}

function decrypt(ciphertext: string, versions: readonly Buffer[]): string | undefined {
  const [, version, text] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
  const key = versions[Number(version) - 1];
  const bytes = Buffer.from(text ?? '', 'base64');
  if (!key || bytes.length < 28) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    return plain.toString('base64');
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Body);
}

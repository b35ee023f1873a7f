import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFolder } from '../testing/run-soma.fixture.js';
import { resolveConnection, type Access, type ConnectionFlags } from './connection.js';
import { saveProfile } from './profile.js';

describe(resolveConnection.name, () => {
  let cwd: string;

  beforeEach(() => {
    cwd = emptyFolder();
  });

  async function resolve(flags: ConnectionFlags = {}, env = {}, access: Access = 'tenant') {
    const found = await resolveConnection(flags, { env: { HOME: cwd, ...env }, cwd }, access);
    return { url: found.url.origin, token: found.token };
  }

  const keepToken = (name: string, text: string, mode = 0o600): void => {
    mkdirSync(join(cwd, 'data'), { recursive: true });
    writeFileSync(join(cwd, 'data', name), text);
    chmodSync(join(cwd, 'data', name), mode);
  };

  const SET = { SOMA_URL: 'http://env.example', SOMA_TOKEN: 'env' };
  const PROFILE = { url: 'http://profile.example', token: 'profile', admin_token: 'profile-admin' };

  it('P17 takes flags before the environment, and that before the profile', async () => {
    await saveProfile({ HOME: cwd }, 'default', PROFILE);
    expect(await resolve({ url: 'http://flag.example', token: 'flag' }, SET)).toEqual({
      url: 'http://flag.example',
      token: 'flag',
    });
    expect(await resolve({}, SET)).toEqual({ url: 'http://env.example', token: 'env' });
    expect(await resolve()).toEqual({ url: 'http://profile.example', token: 'profile' });
  });

  it('P17 finds the profile named by --profile or SOMA_PROFILE', async () => {
    await saveProfile({ HOME: cwd }, 'work', PROFILE);
    const expected = { url: 'http://profile.example', token: 'profile' };
    expect(await resolve({}, { SOMA_PROFILE: 'work' })).toEqual(expected);
    expect(await resolve({ profile: 'work' }, SET)).toEqual(expected);
    await expect(resolve({ profile: 'home' })).rejects.toThrow('There is no profile "home"');
  });

  it('P17 takes SOMA_ADMIN_TOKEN for admin commands only', async () => {
    const env = { ...SET, SOMA_ADMIN_TOKEN: 'admin' };
    expect((await resolve({}, env, 'admin')).token).toBe('admin');
    expect((await resolve({}, env, 'tenant')).token).toBe('env');
    expect((await resolve({}, SET, 'admin')).token).toBe('env');
    await saveProfile({ HOME: cwd }, 'default', PROFILE);
    expect((await resolve({}, {}, 'admin')).token).toBe('profile-admin');
  });

  it('P17 falls back to the local address and the token file of the data folder', async () => {
    keepToken('token', 'embedded\n');
    keepToken('admin-token', 'embedded-admin\n');
    expect(await resolve()).toEqual({ url: 'http://127.0.0.1:10101', token: 'embedded' });
    expect((await resolve({}, {}, 'admin')).token).toBe('embedded-admin');
    expect((await resolve({}, { SOMA_DATA_DIR: join(cwd, 'data') })).token).toBe('embedded');
  });

  it('does not send the token file of the data folder to another machine', async () => {
    keepToken('token', 'embedded');
    await expect(resolve({ url: 'http://elsewhere.example' })).rejects.toMatchObject({
      parts: { code: 'TOKEN_MISSING', exitCode: 4 },
    });
  });

  it('does not send the token of a profile to an address that is not its own', async () => {
    await saveProfile({ HOME: cwd }, 'default', PROFILE);
    await expect(resolve({ url: 'http://elsewhere.example' })).rejects.toMatchObject({
      parts: { code: 'TOKEN_OF_ANOTHER_URL', exitCode: 4 },
    });
  });

  it('P17 refuses a token file that others can read', async () => {
    keepToken('token', 'embedded', 0o644);
    await expect(resolve()).rejects.toMatchObject({
      parts: {
        code: 'SECRET_FILE_EXPOSED',
        exitCode: 4,
        hint: expect.stringContaining('chmod 600'),
      },
    });
  });

  it('P17 says how to give a token when there is none', async () => {
    await expect(resolve()).rejects.toMatchObject({
      parts: { code: 'TOKEN_MISSING', exitCode: 4, hint: expect.stringContaining('npm start') },
    });
    expect((await resolve({}, {}, 'open')).token).toBeUndefined();
  });
});

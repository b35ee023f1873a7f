import { describeSettings } from './describe-settings.js';
import { settingsSchema } from './settings.js';

describe(describeSettings, () => {
  const settings = describeSettings();
  const named = (name: string) => settings.find((setting) => setting.name === name);

  it('knows every setting, each with a description that ends as a sentence does', () => {
    expect(settings.map(({ name }) => name)).toEqual(Object.keys(settingsSchema.shape));
    for (const { name, description } of settings) {
      expect(`${name} ${description}`).toMatch(/^SOMA_[A-Z_]+ \S.+\.$/);
    }
  });

  it('says the default and what is accepted', () => {
    expect(named('SOMA_API_PORT')).toMatchObject({
      default: '10101',
      accepts: 'a whole number from 0 to 65535',
    });
    expect(named('SOMA_EMBEDDING_PROVIDER')).toMatchObject({
      default: 'hash',
      accepts: '`hash`, `openai`',
    });
    expect(named('SOMA_ADMIN_TOKEN')?.accepts).toBe('text of at least 16 characters');
  });

  it('has no default for a secret', () => {
    const secrets = settings.filter(({ name }) => /TOKEN|KEY|SECRET|PASSWORD/.test(name));
    expect(secrets.map(({ default: fallback }) => fallback)).toEqual(secrets.map(() => undefined));
    expect(secrets.length).toBeGreaterThanOrEqual(3);
  });
});

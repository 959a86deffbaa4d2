import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SETTINGS_SCHEMA } from './schema.js';
import { readSettings, refuseExposure, SettingsError, unknownVariables } from './settings.js';

/** What the operator is told about an environment; undefined when the server would start with it. */
function told(environment: Record<string, string>): string | undefined {
  try {
    readSettings(environment);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
}

describe('readSettings', () => {
  it('starts with nothing set, and takes an empty variable for absent', () => {
    const settings = readSettings({ ORIEL_PORT: '' });
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      audit: 'strict',
      bodyLimit: 16 * 2 ** 20,
    });
    expect(settings.modelsDir).toBe(resolve('models'));
    expect(settings.inferenceThreads).toBeGreaterThanOrEqual(1);
  });

  it('reads each kind of value', () => {
    const settings = readSettings({
      ORIEL_PORT: '0', ORIEL_BODY_LIMIT: '64KiB', ORIEL_REQUEST_TIMEOUT: '1m30s', ORIEL_AUDIT: 'buffered',
      ORIEL_ALLOW_ANONYMOUS: 'true', ORIEL_DATA: '/var/lib/oriel',
    }); // prettier-ignore
    expect(settings).toMatchObject({
      port: 0, bodyLimit: 65536, requestTimeout: 90_000, audit: 'buffered', allowAnonymous: true, dataDir: '/var/lib/oriel',
    }); // prettier-ignore
  });

  it.each([
    ['ORIEL_PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['ORIEL_PORT', '8e3', 'must be a whole number from 0 to 65535'],
    ['ORIEL_PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['ORIEL_BODY_LIMIT', '16MB', 'must be a size such as 65536, 64KiB or 16MiB'],
    ['ORIEL_REQUEST_TIMEOUT', 'soon', 'must be a duration such as 250ms, 10s or 1m30s'],
    ['ORIEL_AUDIT', 'Strict', 'must be one of strict, buffered'],
    ['ORIEL_ALLOW_ANONYMOUS', 'yes', 'must be true or false'],
    ['ORIEL_ALLOW_ANONYMOUS', 'constructor', 'must be true or false'],
    ['ORIEL_INFERENCE_THREADS', '0', 'must be a whole number from 1 to 256'],
  ])('says in a sentence what is wrong with %s=%s', (variable, value, must) => {
    expect(told({ [variable]: value })).toBe(`${variable} is "${value}": it ${must}.`);
  });

  it('refuses a body limit that lets no body through, and timers longer than Node has', () => {
    expect(told({ ORIEL_BODY_LIMIT: '0' })).toMatch(/^ORIEL_BODY_LIMIT is "0": it must be /);
    for (const variable of ['ORIEL_REQUEST_TIMEOUT', 'ORIEL_SHUTDOWN_TIMEOUT', 'ORIEL_SHUTDOWN_DELAY'])
      expect(told({ [variable]: '25d' })).toMatch(new RegExp(`^${variable} is "25d": it must be `));
  });

  it('refuses nonsense in every variable that is not free text, all at once', () => {
    const texts = [
      'ORIEL_HOST', 'ORIEL_MODELS', 'ORIEL_DATA', 'ORIEL_AUDIT_POLICY', 'ORIEL_JWT_KEYS', 'ORIEL_JWT_ISSUER', 'ORIEL_JWT_AUDIENCE',
      'ORIEL_JWT_ROLES', 'ORIEL_JWT_MODELS', 'ORIEL_JWT_STREAMS',
    ]; // prettier-ignore
    const checked = Object.values(SETTINGS_SCHEMA)
      .map(({ variable }) => variable)
      .filter((variable) => !texts.includes(variable));
    const lines = told(Object.fromEntries(checked.map((variable) => [variable, '?'])))?.split('\n');
    expect(lines?.map((line) => line.split(' ', 1)[0])).toEqual(checked);
  });

  it('has a default that it takes itself, and a meaning, for every setting', () => {
    for (const { variable, default: fallback, meaning } of Object.values(SETTINGS_SCHEMA)) {
      expect(told({ [variable]: fallback })).toBeUndefined();
      expect(meaning).toMatch(/\.$/);
    }
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.evil.example', '128.0.0.1'])(
    'does not listen on %s without credentials unless told to',
    (host) => {
      const alone = readSettings({ ORIEL_HOST: host });
      expect(() => refuseExposure(alone, false)).toThrow(SettingsError);
      expect(() => refuseExposure(alone, false)).toThrow(new RegExp(`^ORIEL_HOST is "${host}"`));
      expect(() => refuseExposure(alone, true)).not.toThrow();
      const allowed = readSettings({ ORIEL_HOST: host, ORIEL_ALLOW_ANONYMOUS: 'true' });
      expect(() => refuseExposure(allowed, false)).not.toThrow();
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('listens on %s', (host) => {
    const settings = readSettings({ ORIEL_HOST: host });
    expect(settings.host).toBe(host);
    expect(() => refuseExposure(settings, false)).not.toThrow();
  });

  it.each(['short', 'x'.repeat(15), 'with a blank in it', `${'x'.repeat(20)}\n`, 'x'.repeat(513)])(
    'refuses %j as ORIEL_ADMIN_KEY, and does not repeat it',
    (key) => {
      expect(told({ ORIEL_ADMIN_KEY: key })).toBe(
        'ORIEL_ADMIN_KEY is wrong: it must be 16 to 512 visible ASCII characters without blanks.',
      );
    },
  );

  it('keeps of ORIEL_ADMIN_KEY only what tells it from others', () => {
    const text = 'correct-horse-battery';
    const { adminKey } = readSettings({ ORIEL_ADMIN_KEY: text });
    expect(JSON.stringify(Object.entries(adminKey ?? {}))).not.toContain(text);
    expect([adminKey?.is(text), adminKey?.is(`${text}x`), adminKey?.is('')]).toEqual([true, false, false]);
  });

  it.each([
    ['ORIEL_PUBLIC', 'docs,audit', /must be a list of docs, health/],
    ['ORIEL_RATE_LIMIT', '10', /must be 0, or a number and a time/],
    ['ORIEL_RATE_LIMIT', '0/1m', /must be 0, or/],
    ['ORIEL_RATE_LIMIT', '5/10ms', /must be 0, or/],
    ['ORIEL_JWT_ALGORITHMS', 'HS256', /must be a list of RS256/],
    ['ORIEL_JWT_ALGORITHMS', 'none', /must be a list of RS256/],
    ['ORIEL_JWT_KEYS', 'http://example.org/keys', /must be a file or an https URL/],
    ['ORIEL_JWT_KEYS', 'https://example.org/keys', /so ORIEL_JWT_ISSUER and ORIEL_JWT_AUDIENCE must be/],
    ['ORIEL_TRUST_PROXY', 'nginx', /must be a list of addresses/],
  ])('refuses %s=%s', (variable, value, must) => {
    expect(told({ [variable]: value })).toMatch(must);
  });

  it('reads lists and quotas', () => {
    expect(
      readSettings({ ORIEL_PUBLIC: 'docs, predict', ORIEL_RATE_LIMIT: '1000/1m', ORIEL_LOGIN_FAILURES: '0' }),
    ).toMatchObject({
      openTo: ['docs', 'predict'],
      rateLimit: { amount: 1000, window: 60_000 },
      loginFailures: null,
    });
  });
});

describe('a setting in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-settings-'));
  const file = join(folder, 'port');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read where the variable itself says nothing, without the end of its line', () => {
    writeFileSync(file, '4711\n');
    expect(readSettings({ ORIEL_PORT_FILE: file }).port).toBe(4711);
    expect(readSettings({ ORIEL_PORT_FILE: file, ORIEL_PORT: '1' }).port).toBe(1);
    expect(unknownVariables({ ORIEL_PORT_FILE: file })).toEqual([]);
  });

  it('that is not there is told', () => {
    expect(told({ ORIEL_PORT_FILE: join(folder, 'none') })).toMatch(/^ORIEL_PORT_FILE is .* cannot be read/);
  });
});

describe('unknownVariables', () => {
  it('names what looks like a setting but is none', () => {
    const environment = {
      ORIEL_PORT: '1',
      ORIEL_PROT: '1',
      ORIEL_constructor: '1',
      PATH: '/bin',
      XORIEL_A: '1',
    };
    expect(unknownVariables(environment)).toEqual(['ORIEL_PROT', 'ORIEL_constructor']);
  });
});

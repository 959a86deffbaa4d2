import { createServer, type Server as HttpServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, type Reply } from '../client.js';
import { bearer, codeOf } from '../guarded.js';
import { HOUSE, PREDICT } from '../houses.js';
import { Server, temporaryFolder, type Environment } from '../server.js';

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'oriel';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/** Who signs tokens, and the server of its keys. */
class Issuer {
  private readonly pairs = new Map<string, Pair>();
  private published: object[] = [];
  private http: HttpServer | undefined;
  asked = 0;
  answer: 'keys' | 'broken' | 'never' = 'keys';

  async add(kid: string, algorithm = 'ES256', publish = true): Promise<void> {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    this.pairs.set(kid, pair);
    if (publish)
      this.published.push({ ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: 'sig' });
  }

  withdraw(): void {
    this.published = [];
  }

  get keySet(): string {
    return JSON.stringify({ keys: this.published });
  }

  async listen(): Promise<string> {
    this.http = createServer((_request, response) => {
      this.asked++;
      if (this.answer === 'never') return;
      response.writeHead(this.answer === 'keys' ? 200 : 500, { 'content-type': 'application/json' });
      response.end(this.answer === 'keys' ? this.keySet : 'no');
    });
    await new Promise<void>((resolve) => this.http?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.http.address() as { port: number }).port}/keys`;
  }

  close(): void {
    this.http?.closeAllConnections();
    this.http?.close();
  }

  token(
    claims: JWTPayload = {},
    { kid = 'one', alg = 'ES256' }: Partial<JWTHeaderParameters> = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'ann',
      iat: now,
      exp: now + 300,
      roles: ['predict'],
      ...claims,
    };
    const key = this.pairs.get(kid)?.privateKey;
    if (!key) throw new Error(`there is no key ${kid}`);
    return new SignJWT(all).setProtectedHeader({ alg, kid }).sign(key);
  }
}

const issuer = new Issuer();
let place = '';
beforeAll(async () => {
  for (const kid of ['one', 'two']) await issuer.add(kid);
  await issuer.add('rsa', 'RS512');
  await issuer.add('stranger', 'ES256', false);
  place = await issuer.listen();
});
afterAll(() => issuer.close());

const start = (environment: Environment = {}): Promise<Server> =>
  Server.start({
    ORIEL_DATA: temporaryFolder(), ORIEL_JWT_KEYS: place, ORIEL_JWT_ISSUER: ISSUER, ORIEL_JWT_AUDIENCE: AUDIENCE,
    ORIEL_JWT_ALGORITHMS: 'ES256', ORIEL_LOGIN_FAILURES: '0', ORIEL_JWT_TOLERANCE: '0ms', ...environment,
  }); // prettier-ignore

const predict = (server: Server, token: string): Promise<Reply> =>
  ask(server, PREDICT, { body: HOUSE, headers: bearer(token) });

describe('a server that takes tokens', () => {
  let server: Server;
  beforeAll(async () => {
    server = await start({ ORIEL_JWT_MODELS: 'models' });
  });

  test('lets in who has one that fits, with its roles and models, and names its subject in the record', async () => {
    const token = await issuer.token({ models: ['boston-*'] });
    expect((await ask(server, '/v1/models')).status).toBe(401);
    expect((await predict(server, token)).status).toBe(200);
    expect((await predict(server, await issuer.token({ models: ['other'] }))).status).toBe(403);
    expect((await predict(server, await issuer.token())).status).toBe(403);
    const refused = await ask(server, '/v1/keys', { headers: bearer(token) });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'missing-role']);
    const auditor = bearer(await issuer.token({ sub: 'admin', roles: 'audit openid' }));
    const { json } = await ask(server, '/v1/audit/requests?principal=jwt:ann&status=200', {
      headers: auditor,
    });
    expect(json).toMatchObject({ items: [{ principal: 'jwt:ann', route: '/v1/models/:model/predict' }] });
  });

  test('asks for the keys once, and for one that it does not know not at every token', async () => {
    await predict(server, await issuer.token({ models: '*' }, { kid: 'two' }));
    const before = issuer.asked;
    for (let i = 0; i < 5; i++) {
      const { status } = await predict(server, await issuer.token({ models: '*' }, { kid: 'stranger' }));
      expect(status).toBe(401);
    }
    expect(issuer.asked - before).toBeLessThanOrEqual(1);
  });

  test.each<[string, () => Promise<string>]>([
    ['of another issuer', () => issuer.token({ iss: 'https://other.test' })],
    ['for others', () => issuer.token({ aud: 'others' })],
    ['that is over', () => issuer.token({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['that does not end', () => issuer.token({ exp: undefined })],
    ['of nobody', () => issuer.token({ sub: undefined })],
    ['that does not hold yet', () => issuer.token({ nbf: Math.floor(Date.now() / 1000) + 60 })],
    ['with another kind of signature', () => issuer.token({}, { kid: 'rsa', alg: 'RS512' })],
    ['by a key that nobody published', () => issuer.token({}, { kid: 'stranger' })],
    ['signed by another key than it says', async () => {
      const [head, body] = (await issuer.token()).split('.');
      const [, , signature] = (await issuer.token({}, { kid: 'two' })).split('.');
      return [head, body, signature].join('.');
    }],
    ['without a signature', async () => {
      const [, body] = (await issuer.token()).split('.');
      return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    }],
    ['signed with a public key as if it were a secret', () => {
      const secret = new TextEncoder().encode(issuer.keySet);
      const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', roles: ['admin'], exp: Math.floor(Date.now() / 1000) + 60 };
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret);
    }],
    ['that was changed', async () => {
      const [head, body = '', signature] = (await issuer.token()).split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
      const more = Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url');
      return [head, more, signature].join('.');
    }],
  ])('refuses a token %s', async (_what, make) => {
    const reply = await predict(server, await make());
    expect([reply.status, codeOf(reply)]).toEqual([401, 'invalid-credentials']);
  }); // prettier-ignore

  test('asks no address that a token names, and takes no key from it', async () => {
    let asked = 0;
    const elsewhere = createServer((_request, response) => {
      asked++;
      response.writeHead(200, { 'content-type': 'application/json' }).end(issuer.keySet);
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(elsewhere.address() as { port: number }).port}`;
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'eve', exp: now + 60, roles: ['admin'] };
    const sign = (head: object, more: JWTPayload = {}): Promise<string> =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'ES256', ...head }).sign(privateKey);
    const tokens = [
      await sign({ jku: url }),
      await sign({ jku: url, kid: 'eve' }),
      await sign({ kid: url }),
      await sign({ x5u: url, kid: 'one' }),
      await sign({ jwk, kid: 'one' }),
      await sign({ kid: 'one' }, { iss: url }),
    ];
    for (const token of tokens) {
      const reply = await predict(server, token);
      expect([reply.status, codeOf(reply)]).toEqual([401, 'invalid-credentials']);
    }
    expect(asked).toBe(0);
    elsewhere.close();
  });

  test('lets a token in no longer than it holds, although it is remembered', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = await issuer.token({ models: '*', exp });
    expect((await predict(server, token)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, exp * 1000 - Date.now() + 5));
    expect((await predict(server, token)).status).toBe(401);
  });
});

test('whose keys cannot be had is neither let in nor called wrong', async () => {
  const server = await start();
  for (const answer of ['broken', 'never'] as const) {
    issuer.answer = answer;
    const reply = await predict(server, await issuer.token());
    expect([reply.status, codeOf(reply), reply.headers['retry-after']]).toEqual([
      503,
      'keys-unavailable',
      '5',
    ]);
  }
  issuer.answer = 'keys';
  const token = await issuer.token();
  expect((await predict(server, token)).status).toBe(200);
  issuer.answer = 'broken';
  expect((await predict(server, token)).status).toBe(200); // it was seen before
  issuer.answer = 'keys';
});

test('keys may be in a file', async () => {
  const file = join(temporaryFolder(), 'keys.json');
  writeFileSync(file, issuer.keySet);
  const server = await start({ ORIEL_JWT_KEYS: file });
  expect((await predict(server, await issuer.token())).status).toBe(200);
  expect((await predict(server, await issuer.token({}, { kid: 'stranger' }))).status).toBe(401);
  writeFileSync(file, '{}');
  const { end, stderr } = await Server.startInVain({
    ORIEL_DATA: temporaryFolder(), ORIEL_JWT_KEYS: file, ORIEL_JWT_ISSUER: ISSUER, ORIEL_JWT_AUDIENCE: AUDIENCE,
  }); // prettier-ignore
  expect(end.code).toBe(1);
  expect(stderr).toContain(`The file ${file} (ORIEL_JWT_KEYS) holds no JSON Web Key Set.`);
});

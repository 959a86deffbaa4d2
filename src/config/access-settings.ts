import { isIP } from 'node:net';
import { parseDuration } from '../units.js';
import { isLoopback } from './addresses.js';
import { ADMIN_KEY_MUST, parseAdminKey } from './admin-key.js';
import { PUBLIC_NAMES, type PublicName } from './public-names.js';
import { duration, flag, integer, refined, secret, setting } from './setting.js';

/** So many in so long (milliseconds). */
export interface Quota {
  amount: number;
  window: number;
}

/** Signatures by a private key; a shared secret (HS…) is none that many may check, and `none` is no signature. */
const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
]; // prettier-ignore

const QUOTA_MUST = 'must be 0, or a number and a time such as 1000/1m, of at most a day';

function parseQuota(text: string): Quota | null | undefined {
  if (text === '0') return null;
  const [, amount = '', time = ''] = /^([1-9]\d{0,8})\/(.+)$/.exec(text) ?? [];
  const window = parseDuration(time);
  if (amount === '' || window === undefined || window < 1000 || window > 86_400_000) return undefined;
  return { amount: Number(amount), window };
}

function parseList<T extends string>(known: readonly T[], text: string): readonly T[] | undefined {
  const names = text === '' ? [] : text.split(',').map((name) => name.trim());
  const found = names.flatMap((name) => known.find((one) => one === name) ?? []);
  return found.length === names.length ? found : undefined;
}

function parseProxies(text: string): readonly string[] | undefined {
  const all = text === '' ? [] : text.split(',').map((one) => one.trim());
  const known = (one: string): boolean => {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(one) ?? [];
    const family = isIP(address);
    return family > 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
  };
  return all.every(known) ? all : undefined;
}

/** Over plain HTTP only from this machine, where nobody is in between. */
function parseKeySet(text: string): string | undefined {
  if (!URL.canParse(text) || /^[a-z]:\\/i.test(text)) return text;
  const { protocol, hostname } = new URL(text);
  const near = isLoopback(hostname.replace(/^\[|\]$/g, ''));
  return protocol === 'https:' || (protocol === 'http:' && near) ? text : undefined;
}

const free = (): ReturnType<typeof refined<string>> => refined((value) => value, 'must be a text');

/** Who may ask, and how often. */
export const ACCESS_SETTINGS = {
  allowAnonymous: setting(
    'ORIEL_ALLOW_ANONYMOUS',
    'false',
    flag(),
    'Listen on a non-loopback address although there is no key: everyone who reaches it may use it.',
  ),
  adminKey: secret(
    setting(
      'ORIEL_ADMIN_KEY',
      '',
      refined(parseAdminKey, ADMIN_KEY_MUST),
      'A first key, `admin` by name and role. Once there is any key, all but liveness and readiness needs one.',
      'none',
    ),
  ),
  openTo: setting(
    'ORIEL_PUBLIC',
    '',
    refined<readonly PublicName[]>(
      (value) => parseList(PUBLIC_NAMES, value),
      `must be a list of ${PUBLIC_NAMES.join(', ')}`,
    ),
    `What needs no key, as a list: some of ${PUBLIC_NAMES.map((name) => `\`${name}\``).join(', ')} (see Who may ask).`,
    'nothing',
  ),
  maxKeys: setting(
    'ORIEL_KEYS',
    '1000',
    integer(1, 100_000),
    'Most keys that there may be; a further one is refused (409).',
  ),
  credentialCache: setting(
    'ORIEL_CREDENTIALS_CACHE',
    '10000',
    integer(1, 1_000_000),
    'Most credentials that are remembered as right (by a hash) until they end or keys change; others are only slower to check.',
  ),
  rateLimit: setting(
    'ORIEL_RATE_LIMIT',
    '0',
    refined(parseQuota, QUOTA_MUST),
    'Most requests of one principal, or of one address where nobody says who they are, such as `1000/1m`; beyond it 429. 0 for no limit.',
  ),
  ratePrincipals: setting(
    'ORIEL_RATE_PRINCIPALS',
    '10000',
    integer(1, 1_000_000),
    'Most principals whose requests are counted at once, and as many addresses; beyond it who was silent longest begins anew.',
  ),
  loginFailures: setting(
    'ORIEL_LOGIN_FAILURES',
    '10/1m',
    refined(parseQuota, QUOTA_MUST),
    'Most wrong credentials from one address; beyond it credentials from there that were not right before are refused (429) until the time is over. 0 for no limit.',
  ),
  trustProxy: setting(
    'ORIEL_TRUST_PROXY',
    '',
    refined(parseProxies, 'must be a list of addresses or networks, such as 10.0.0.0/8'),
    'Proxies whose `X-Forwarded-For` is believed, as a list of addresses and networks; without it they are the source of all requests they pass on.',
    'none',
  ),
  jwtKeys: setting(
    'ORIEL_JWT_KEYS',
    '',
    refined(parseKeySet, 'must be a file or an https URL'),
    'JSON Web Key Set by which tokens (JWT) are taken as credentials: an `https` URL, or a file.',
    'no tokens',
  ),
  jwtIssuer: setting('ORIEL_JWT_ISSUER', '', free(), 'The `iss` that a token must have.', 'none'),
  jwtAudience: setting('ORIEL_JWT_AUDIENCE', '', free(), 'The `aud` that a token must have.', 'none'),
  jwtAlgorithms: setting(
    'ORIEL_JWT_ALGORITHMS',
    'RS256,ES256',
    refined(
      (value) => (value === '' ? undefined : parseList(ALGORITHMS, value)),
      `must be a list of ${ALGORITHMS.join(', ')}`,
    ),
    'Signatures that are taken; never one by a shared secret.',
  ),
  jwtRoles: setting(
    'ORIEL_JWT_ROLES',
    'roles',
    free(),
    'The claim that holds the roles: an array, or words; `realm_access.roles` is a member of a claim.',
  ),
  jwtModels: setting(
    'ORIEL_JWT_MODELS',
    '',
    free(),
    'The claim that holds patterns of models; a token without it may then use none.',
    'all models',
  ),
  jwtStreams: setting(
    'ORIEL_JWT_STREAMS',
    '',
    free(),
    'The claim that holds patterns of streams; likewise.',
    'all streams',
  ),
  jwtTolerance: setting(
    'ORIEL_JWT_TOLERANCE',
    '30s',
    duration(),
    'How far the clock of who makes tokens may be off.',
  ),
} as const;

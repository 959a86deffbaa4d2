import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SettingsError } from '../../config/settings.js';

/** How long the server of keys may take, how long a set is kept, and how soon an unknown key has it asked again; milliseconds. */
const TIMEOUT = 3000;
const MAX_AGE = 600_000;
const COOL_DOWN = 30_000;

/** The keys that sign tokens: of a server, asked when they are needed, or of a file. @throws SettingsError for a file that holds none */
export function keySetAt(place: string): JWTVerifyGetKey {
  if (!/^https?:\/\//i.test(place)) return keySetOf(place);
  return createRemoteJWKSet(new URL(place), {
    timeoutDuration: TIMEOUT,
    cacheMaxAge: MAX_AGE,
    cooldownDuration: COOL_DOWN,
  });
}

function keySetOf(path: string): JWTVerifyGetKey {
  let keys = readNow(path);
  let readAt = performance.now();
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || performance.now() - readAt < COOL_DOWN) throw error;
    }
    readAt = performance.now();
    keys = createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet);
    return keys(header, token);
  };
}

function readNow(path: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(path, 'utf8')) as JSONWebKeySet);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code?.startsWith('E') && !code.startsWith('ERR')
        ? `cannot be read (${code})`
        : 'holds no JSON Web Key Set';
    throw new SettingsError(`The file ${path} (ORIEL_JWT_KEYS) ${why}.`);
  }
}

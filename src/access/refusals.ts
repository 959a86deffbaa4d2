import { OrielError } from '../errors.js';
import type { Area } from '../http/areas.js';
import type { KeyResult } from './key-table.js';

const BEARER = 'Bearer realm="Oriel"';
const BASIC = 'Basic realm="Oriel", charset="UTF-8"';

export function unauthenticated(): OrielError {
  const detail = 'This needs a key: "Authorization: Bearer KEY", or Basic with its name and the key.';
  return new OrielError('unauthenticated', 'unauthenticated', detail, { challenges: [BEARER, BASIC] });
}

/** Why is not said: what is wrong with credentials only helps who guesses them. */
export function wrongCredentials(cause?: unknown): OrielError {
  const detail = 'These credentials are not right, or not any more.';
  const challenges = [`${BEARER}, error="invalid_token"`, BASIC];
  return new OrielError('unauthenticated', 'invalid-credentials', detail, { challenges, cause });
}

export function tooManyFailures(ms: number): OrielError {
  const detail = 'Too many wrong credentials came from this address; none is looked at for a while.';
  return new OrielError('tooMany', 'too-many-failures', detail, { retryAfter: ms / 1000 });
}

export function rateLimited(ms: number): OrielError {
  const detail = 'That is more requests than may be made in this time.';
  return new OrielError('tooMany', 'rate-limited', detail, { retryAfter: ms / 1000 });
}

export function missingRole(principal: string, { roles }: Area): OrielError {
  const needed = roles.length > 1 ? `one of the roles ${roles.join(', ')}` : `the role ${roles.join('')}`;
  return new OrielError('forbidden', 'missing-role', `This needs ${needed}, which ${principal} has not.`);
}

export function notForThis(principal: string, kind: string, name: string): OrielError {
  return new OrielError(
    'forbidden',
    'not-for-this',
    `${principal} may not use ${name}: its ${kind} are others.`,
  );
}

/** Why something was not done to keys. */
export function keyRefusal(result: Exclude<KeyResult, 'done'>, name: string): OrielError {
  switch (result) {
    case 'nameTaken':
      return new OrielError('conflict', 'key-exists', `There is a key named ${name}.`);
    case 'tooMany':
      return new OrielError(
        'conflict',
        'too-many-keys',
        'There are as many keys as there may be (ORIEL_KEYS).',
      );
    case 'unknown':
      return new OrielError('notFound', 'unknown-key', 'There is no key with this id.');
  }
}

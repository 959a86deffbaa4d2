import { Inject, Injectable, Logger } from '@nestjs/common';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { OrielError } from '../../errors.js';
import type { Caller } from '../caller.js';
import { permissionsOf, principalOf } from './claims.js';
import { keySetAt } from './key-set.js';

/** Most tokens that are verified at once; what is more waits for the server of keys, which is slow then. */
const MOST_AT_ONCE = 1000;
/** Seconds after which a token that could not be checked may be sent again. */
const RETRY_AFTER = 5;

/** What is wrong with a token, and not with the keys it is to be checked by. */
const OF_THE_TOKEN = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

/** Told of a caller; of null when credentials are wrong; of null and a refusal when that cannot be known now. */
export type Found = (caller: Caller | null, refusal?: OrielError) => void;

/** Takes JSON Web Tokens as credentials, where the settings name who signs them. */
@Injectable()
export class TokensService {
  private readonly log = new Logger('Access');
  private readonly keys: JWTVerifyGetKey | null;
  private underWay = 0;
  private failing = false;

  /** @throws SettingsError when the file of keys holds none */
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {
    this.keys = settings.jwtKeys === '' ? null : keySetAt(settings.jwtKeys);
  }

  get taken(): boolean {
    return this.keys !== null;
  }

  verify(token: string, found: Found): void {
    const { keys } = this;
    if (!keys) return found(null);
    if (this.underWay >= MOST_AT_ONCE) return found(null, unknowable());
    this.underWay++;
    this.check(token, keys)
      .finally(() => this.underWay--)
      .then(
        (caller) => {
          this.note(null);
          found(caller);
        },
        (error: unknown) => {
          const wrong = OF_THE_TOKEN.some((kind) => error instanceof kind);
          this.note(wrong ? null : error);
          found(null, wrong ? undefined : unknowable(error));
        },
      )
      .catch((error: unknown) => this.log.error({ msg: 'a token was checked in vain', err: error }));
  }

  private async check(token: string, keys: JWTVerifyGetKey): Promise<Caller | null> {
    const { jwtIssuer, jwtAudience, jwtAlgorithms, jwtTolerance } = this.settings;
    const { payload } = await jwtVerify(token, keys, {
      issuer: jwtIssuer,
      audience: jwtAudience,
      algorithms: [...jwtAlgorithms],
      clockTolerance: jwtTolerance / 1000,
      requiredClaims: ['sub', 'exp'],
    });
    return this.callerOf(payload);
  }

  private callerOf(payload: JWTPayload): Caller | null {
    const { jwtRoles: roles, jwtModels: models, jwtStreams: streams, jwtTolerance } = this.settings;
    const principal = principalOf(payload);
    if (principal === null) return null;
    const permissions = permissionsOf(payload, { roles, models, streams });
    const until = (payload.exp ?? 0) * 1000 + jwtTolerance;
    return { principal, id: principal, permissions, until, key: null };
  }

  private note(fault: unknown): void {
    if (fault !== null && !this.failing)
      this.log.error({ msg: 'tokens cannot be checked: there are no keys (ORIEL_JWT_KEYS)', err: fault });
    this.failing = fault !== null;
  }
}

function unknowable(cause?: unknown): OrielError {
  const detail = 'The token cannot be checked now.';
  return new OrielError('unavailable', 'keys-unavailable', detail, { retryAfter: RETRY_AFTER, cause });
}

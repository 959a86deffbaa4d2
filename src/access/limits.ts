import type { FastifyReply } from 'fastify';
import type { Settings } from '../config/settings.js';
import type { OrielError } from '../errors.js';
import { QuotaCounter, type Standing } from './quota.js';
import { rateLimited, tooManyFailures } from './refusals.js';
import { networkOf } from './source.js';

/** How often who may ask, and how often credentials may be wrong. Time is that of the monotonic clock. */
export class Limits {
  private readonly callers: QuotaCounter | null;
  private readonly sources: QuotaCounter | null;
  private readonly failures: QuotaCounter | null;
  /** What `RateLimit-Policy` says. */
  private readonly policy: string;

  constructor({ rateLimit, loginFailures, ratePrincipals }: Settings) {
    this.callers = rateLimit && new QuotaCounter(rateLimit, ratePrincipals);
    this.sources = rateLimit && new QuotaCounter(rateLimit, ratePrincipals);
    this.failures = loginFailures && new QuotaCounter(loginFailures, ratePrincipals);
    this.policy = rateLimit ? `"default";q=${rateLimit.amount};w=${seconds(rateLimit.window)}` : '';
  }

  get any(): boolean {
    return this.callers !== null;
  }

  /** Principals whose requests are counted, or addresses, whichever are more. */
  get counted(): number {
    return Math.max(this.callers?.size ?? 0, this.sources?.size ?? 0);
  }

  /** Addresses from which credentials were wrong. */
  get failing(): number {
    return this.failures?.size ?? 0;
  }

  /** @returns `too-many-failures` when no credentials from there are looked at now */
  slowed(source: string): OrielError | null {
    if (!this.failures || this.failures.size === 0) return null;
    const wait = this.failures.spent(networkOf(source), performance.now());
    return wait > 0 ? tooManyFailures(wait) : null;
  }

  noteFailure(source: string): void {
    this.failures?.take(networkOf(source), performance.now());
  }

  /** @returns `rate-limited` when this request is too many */
  countCaller(id: string, reply: FastifyReply): OrielError | null {
    return this.callers && this.tell(this.callers.take(id, performance.now()), reply);
  }

  /** The same of who does not say who they are. */
  countSource(source: string, reply: FastifyReply): OrielError | null {
    return this.sources && this.tell(this.sources.take(networkOf(source), performance.now()), reply);
  }

  /** Says it as draft-ietf-httpapi-ratelimit-headers-10 has it (structured fields). */
  private tell({ left, renewsIn, over }: Standing, reply: FastifyReply): OrielError | null {
    void reply.header('ratelimit-policy', this.policy);
    void reply.header('ratelimit', `"default";r=${left};t=${seconds(renewsIn)}`);
    return over ? rateLimited(renewsIn) : null;
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

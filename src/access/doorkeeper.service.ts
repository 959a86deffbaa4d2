import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { refuseExposure, SETTINGS, type Settings } from '../config/settings.js';
import type { OrielError } from '../errors.js';
import { AREAS, type Area } from '../http/areas.js';
import { EVERYTHING, FrontDoor, type Doorkeeper, type Entry } from '../http/front-door.js';
import { openContext, type RequestContext } from '../http/request-context.js';
import { isToken, readAuthorization } from './authorization.js';
import type { Caller } from './caller.js';
import { TokensService, type Found } from './jwt/tokens.service.js';
import { KeysService } from './keys.service.js';
import { Limits } from './limits.js';
import { missingRole, notForThis, unauthenticated, wrongCredentials } from './refusals.js';

/** Decides who comes in, from the head of a request alone. Only tokens that were not seen before are looked at asynchronously. */
@Injectable()
export class DoorkeeperService implements Doorkeeper, OnApplicationBootstrap {
  /** Credentials that were right, by a hash: so that a key is hashed with its secret, or a token verified, once and not each time. */
  private readonly seen: LRUCache<string, Caller>;
  private readonly salt = randomBytes(16).toString('hex');
  private readonly limits: Limits;
  private readonly openAreas: ReadonlySet<Area>;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly door: FrontDoor,
    private readonly keys: KeysService,
    private readonly tokens: TokensService,
  ) {
    this.seen = new LRUCache({ max: settings.credentialCache });
    this.limits = new Limits(settings);
    const open = (area: Area): boolean => area.openBy.some((name) => settings.openTo.includes(name));
    this.openAreas = new Set(Object.values<Area>(AREAS).filter(open));
  }

  async onApplicationBootstrap(): Promise<void> {
    this.keys.onChange = (): void => this.seen.clear();
    await this.keys.open();
    refuseExposure(this.settings, this.guarded);
    this.door.keep(this);
  }

  get guarded(): boolean {
    return this.keys.any || this.tokens.taken;
  }

  get limited(): boolean {
    return this.limits.any;
  }

  /** How much is kept: keys, credentials that are remembered as right, callers that are counted, addresses with failed logins. */
  get figures(): Readonly<Record<'keys' | 'credentials' | 'counted' | 'failing', number>> {
    const { counted, failing } = this.limits;
    return { keys: this.keys.count, credentials: this.seen.size, counted, failing };
  }

  isOpen(area: Area): boolean {
    return area.roles.length === 0 || !this.guarded || this.openAreas.has(area);
  }

  admit(request: FastifyRequest, reply: FastifyReply, area: Area, done: Entry): void {
    const context = openContext(request, reply);
    if (area.roles.length === 0) {
      context.scope = EVERYTHING;
      return done();
    }
    const { authorization } = request.headers;
    if (authorization === undefined || !this.guarded) return done(this.judgeUnknown(context, reply, area));
    const now = Date.now();
    const mark = hash('sha256', this.salt + authorization, 'base64');
    const known = this.seen.get(mark);
    if (known && now < known.until) return done(this.judge(known, request, reply, area));
    // Only now: many callers may come from one address, and those that were right must not pay for one that guesses.
    const slowed = this.limits.slowed(context.source);
    if (slowed) return done(slowed);
    this.look(authorization, now, (caller, refusal) => {
      if (!caller) return done(refusal ?? this.failed(context));
      this.seen.set(mark, caller);
      done(this.judge(caller, request, reply, area));
    });
  }

  private judgeUnknown(context: RequestContext, reply: FastifyReply, area: Area): OrielError | undefined {
    const tooMany = this.limits.countSource(context.source, reply);
    if (tooMany) return tooMany;
    if (!this.isOpen(area)) return unauthenticated();
    context.scope = EVERYTHING;
    return undefined;
  }

  /** Whether a caller may do what a request asks for; notes who they are, for the record. */
  private judge(
    { principal, id, permissions, key }: Caller,
    request: FastifyRequest,
    reply: FastifyReply,
    area: Area,
  ): OrielError | undefined {
    const context = openContext(request, reply);
    context.principal = principal;
    context.roles = permissions.roles;
    if (key) this.keys.noteUse(key, Date.now());
    const tooMany = this.limits.countCaller(id, reply);
    if (tooMany) return tooMany;
    const open = this.isOpen(area);
    context.scope = open ? EVERYTHING : permissions;
    if (open) return undefined;
    if (!permissions.mayEnter(area)) return missingRole(principal, area);
    const { named } = area;
    if (named === undefined) return undefined;
    const { model, stream } = (request.params ?? {}) as { model?: string; stream?: string };
    const name = named === 'models' ? model : stream;
    return name === undefined || permissions.sees(named, name)
      ? undefined
      : notForThis(principal, named, name);
  }

  private look(authorization: string, now: number, found: Found): void {
    const said = readAuthorization(authorization);
    if (!said) return found(null);
    const caller = this.keys.find(said.secret);
    if (caller) {
      const holds = now < caller.until && (said.name === null || said.name === caller.principal);
      return found(holds ? caller : null);
    }
    if (said.name !== null || !this.tokens.taken || !isToken(said.secret)) return found(null);
    this.tokens.verify(said.secret, found);
  }

  private failed(context: RequestContext): OrielError {
    this.limits.noteFailure(context.source);
    return wrongCredentials();
  }
}

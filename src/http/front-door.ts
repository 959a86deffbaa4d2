import type { FastifyReply, FastifyRequest } from 'fastify';
import { OrielError } from '../errors.js';
import type { Area, Named } from './areas.js';

/** Lets a request in (`done()`), or has a refusal sent; nothing of its body is read before. */
export type Entry = (refusal?: OrielError | null) => void;

/** What an admitted caller may see of what has a name. */
export interface Scope {
  sees(kind: Named, name: string): boolean;
  /** The patterns that its models are held to; null for all. */
  readonly models: readonly string[] | null;
}

export const EVERYTHING: Scope = { sees: () => true, models: null };
const NOTHING: Scope = { sees: () => false, models: [] };

/** Who decides: it also notes who asks, in the context of the request. */
export interface Doorkeeper {
  /** Whether anybody must say who they are. */
  readonly guarded: boolean;
  /** Whether callers are held to a number of requests. */
  readonly limited: boolean;
  /** Whether an area is open to everyone by the operator's choice. */
  isOpen(area: Area): boolean;
  admit(request: FastifyRequest, reply: FastifyReply, area: Area, done: Entry): void;
}

/** Lets everyone in, as a server does in which nothing is to be guarded. */
export const LET_IN: Doorkeeper = {
  guarded: false,
  limited: false,
  isOpen: () => true,
  admit: ({ context }, _reply, _area, done) => {
    if (context) context.scope = EVERYTHING;
    done();
  },
};

/** What every request passes as it arrives. One domain keeps it (`access`); until then nobody comes in. */
export class FrontDoor {
  private keeper: Doorkeeper | undefined;

  keep(keeper: Doorkeeper): void {
    this.keeper = keeper;
  }

  get guarded(): boolean {
    return this.keeper?.guarded ?? true;
  }

  get limited(): boolean {
    return this.keeper?.limited ?? false;
  }

  isOpen(area: Area): boolean {
    return this.keeper?.isOpen(area) ?? false;
  }

  admit(request: FastifyRequest, reply: FastifyReply, area: Area, done: Entry): void {
    if (this.keeper) this.keeper.admit(request, reply, area, done);
    else done(new OrielError('unavailable', 'not-ready', 'The server is starting.', { retryAfter: 1 }));
  }
}

/** What the caller of a request may see; nothing as long as nobody let them in. */
export function scopeOf({ context }: FastifyRequest): Scope {
  return context?.scope ?? NOTHING;
}

import type { Area, Named, Role } from '../http/areas.js';
import type { Scope } from '../http/front-door.js';
import { anyOf } from '../pattern.js';

/** The built-in stream that holds the predictions of every model. */
const OF_ALL_MODELS = 'predictions';

/** What a principal may do. Patterns bound `predict`, `ingest` and `read`; `audit` and `admin` see all, and are never given with any. */
export class Permissions implements Scope {
  private readonly all: boolean;
  private readonly fits: Record<Named, ((name: string) => boolean) | null>;

  /** @param models patterns with `*`; null for all, and so `streams` */
  constructor(
    readonly roles: readonly Role[],
    readonly models: readonly string[] | null,
    readonly streams: readonly string[] | null,
  ) {
    this.all = roles.includes('admin');
    this.fits = { models: models && anyOf(models), streams: streams && anyOf(streams) };
  }

  /** Whether one of the roles is enough for an area. */
  mayEnter({ roles }: Area): boolean {
    if (this.all) return true;
    for (const role of this.roles) if (roles.includes(role)) return true;
    return false;
  }

  sees(kind: Named, name: string): boolean {
    const fits = this.fits[kind];
    if (fits && !fits(name)) return false;
    return kind === 'models' || name !== OF_ALL_MODELS || this.models === null;
  }
}

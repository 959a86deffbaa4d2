import type { PublicName } from '../config/public-names.js';

/** What a principal may be allowed to do; `admin` includes all others. */
export const ROLES = ['predict', 'ingest', 'read', 'audit', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a principal may be held to by patterns of names. */
export type Named = 'models' | 'streams';

/** Who may use a route. */
export interface Area {
  /** One of these is enough; none asks for nothing, not even for a principal. */
  readonly roles: readonly Role[];
  /** Each of these (`ORIEL_PUBLIC`) opens it to everyone. */
  readonly openBy: readonly PublicName[];
  /** Its path names one of these (`:model`, `:stream`), which the principal must be allowed to use. */
  readonly named?: Named;
}

/** The areas of the server, of which each route is in one: it says so beside its handler (`@InArea`). */
export const AREAS = {
  /** Liveness and readiness, which whoever starts and stops the process must see. */
  probes: { roles: [], openBy: [] },
  health: { roles: ['read', 'predict'], openBy: ['health'] },
  metrics: { roles: ['read'], openBy: ['metrics'] },
  docs: { roles: ['predict', 'ingest', 'read', 'audit'], openBy: ['docs'] },
  /** Which models there are, and what each takes: to whoever may ask it, too. */
  models: { roles: ['read', 'predict'], openBy: ['models', 'predict'], named: 'models' },
  predict: { roles: ['predict'], openBy: ['predict'], named: 'models' },
  quality: { roles: ['read'], openBy: [], named: 'models' },
  outcomes: { roles: ['ingest'], openBy: [], named: 'models' },
  ingest: { roles: ['ingest'], openBy: ['ingest'], named: 'streams' },
  streams: { roles: ['read'], openBy: ['streams'], named: 'streams' },
  audit: { roles: ['audit'], openBy: [] },
  admin: { roles: ['admin'], openBy: [] },
} as const satisfies Record<string, Area>;

export type AreaName = keyof typeof AREAS;

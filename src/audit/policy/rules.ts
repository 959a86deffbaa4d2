import type { Outcome } from '../record.js';

/** How much of a request is kept: nothing, everything but input and output, or all. */
export type AuditLevel = 'none' | 'metadata' | 'payload';

export const AUDIT_LEVELS: readonly AuditLevel[] = ['none', 'metadata', 'payload'];

/** A rule holds for a request for which everything holds that it names; a list holds when one of its members does. */
export interface AuditRule {
  level: AuditLevel;
  /** Patterns of the route (`/v1/models/:model/predict`) or the path, without the query; `*` stands for any characters. */
  routes?: readonly string[] | undefined;
  methods?: readonly string[] | undefined;
  /** Patterns of the model's name. A request that names no model has none. */
  models?: readonly string[] | undefined;
  /** A status (404), a class of them (`4xx`) or a range (`500-599`). */
  status?: readonly (number | string)[] | undefined;
  outcomes?: readonly Outcome[] | undefined;
  /** Roles of the principal. */
  roles?: readonly string[] | undefined;
  /** Milliseconds in total, at least. */
  minLatency?: number | undefined;
  /** JSON pointers (RFC 6901) of what is not kept, such as `/input/LSTAT`; a segment `*` is every member or element. */
  redact?: readonly string[] | undefined;
  /** Most characters of an input or an output that are kept. */
  payloadLimit?: number | undefined;
  /** With the level `none`: also a request that ended in an error leaves no record. Without it, it leaves its metadata. */
  evenErrors?: boolean | undefined;
}

/** Probes, metrics, documentation and page assets would drown the rest, and must not wait for a disk. */
const PLACES = [
  '/health',
  '/v2/health',
  '/ping',
  '/metrics',
  '/docs',
  '/openapi.json',
  '/favicon.ico',
] as const;

/** What leaves no record where the operator's rules say nothing of it. */
export const EXEMPTIONS: readonly AuditRule[] = [
  { level: 'none', evenErrors: true, routes: PLACES.flatMap((place) => [place, `${place}/*`]) },
];

/** The rules where the operator gives none. */
export const DEFAULT_RULES: readonly AuditRule[] = [...EXEMPTIONS, { level: 'payload' }];

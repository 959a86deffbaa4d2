import type { Quota } from '../config/access-settings.js';
import { SETTINGS_SCHEMA } from '../config/schema.js';
import type { Settings } from '../config/settings.js';
import { counter, gauge, type Family, type Sample } from './family.js';
import type { BoundUse, Bounds } from './source.js';

type Setting = keyof Settings;

/** The codes of the problems that say that a bound was hit. */
const CODES: Readonly<Partial<Record<Setting, readonly string[]>>> = {
  auditBuffer: ['journal-full'],
  bodyLimit: ['body-too-large'],
  bodyMemory: ['bodies-full'],
  bodyRate: ['request-timeout'],
  bulkRequests: ['bulk-busy'],
  connections: ['connections-full'],
  connectionsEach: ['source-connections-full'],
  deadline: ['deadline-exceeded'],
  elements: ['too-many-elements'],
  exports: ['exports-busy'],
  headerLimit: ['headers-too-large'],
  headers: ['too-many-headers'],
  headerTimeout: ['request-timeout'],
  jsonContainers: ['too-many-containers'],
  jsonDepth: ['json-too-deep'],
  lineLimit: ['line-too-long'],
  loginFailures: ['too-many-failures'],
  liveReaders: ['live-full'],
  liveReadersEach: ['too-many-live'],
  maxKeys: ['too-many-keys'],
  maxQueue: ['queue-full'],
  outcomes: ['too-many-outcomes'],
  parameters: ['too-many-parameters'],
  rateLimit: ['rate-limited'],
  readerQueue: ['readers-busy'],
  requestTimeout: ['request-timeout', 'answer-not-read', 'client-stalled'],
  streamEvents: ['too-many-events'],
  unpackRatio: ['compression-ratio'],
  urlLimit: ['url-too-long'],
};

/** Settings for which 0 means that there is no limit. */
const ZERO_IS_NONE: ReadonlySet<Setting> = new Set<Setting>([
  'auditMaxSize',
  'auditMaxPayloads',
  'connectionsEach',
]);

/** Settings in milliseconds; they are told in seconds. */
const DURATIONS: ReadonlySet<Setting> = new Set<Setting>([
  'cacheTimeout',
  'deadline',
  'headerTimeout',
  'maxLoopDelay',
  'requestTimeout',
]);

/** Every bound that can be hit: what it is, how much of it is used where that can be told, and how often it was hit where that is seen. */
export function limitFamilies(
  settings: Settings,
  uses: readonly Bounds[],
  problems: ReadonlyMap<string, number>,
): Family[] {
  const bounds = new Map<Setting, BoundUse>();
  for (const setting of Object.keys(CODES) as Setting[])
    bounds.set(setting, { hits: hitsOf(setting, problems) });
  for (const use of uses)
    for (const [setting, { used, hits }] of Object.entries(use) as [Setting, BoundUse][]) {
      const known = bounds.get(setting)?.hits;
      const sum = known === undefined && hits === undefined ? undefined : (known ?? 0) + (hits ?? 0);
      bounds.set(setting, { used, hits: sum });
    }
  const samples = (value: (setting: Setting, use: BoundUse) => number | undefined): Sample[] =>
    [...bounds].flatMap(([setting, use]) => {
      const one = value(setting, use);
      return one === undefined
        ? []
        : [{ labels: { setting: SETTINGS_SCHEMA[setting].variable }, value: one }];
    });
  return [
    gauge(
      'oriel_limit',
      'Bounds by the setting that gives them; bytes, seconds, or how many.',
      samples((setting) => limitOf(settings, setting)),
    ),
    gauge(
      'oriel_limit_used',
      'How much of a bound is used now.',
      samples((_, { used }) => used),
    ),
    counter(
      'oriel_limit_hits_total',
      'How often a bound was hit.',
      samples((_, { hits }) => hits),
    ),
  ];
}

function limitOf(settings: Settings, setting: Setting): number {
  const told = settings[setting] as number | Quota | null;
  const value = told !== null && typeof told === 'object' ? told.amount : (told ?? Infinity);
  if (value === 0 && ZERO_IS_NONE.has(setting)) return Infinity;
  return DURATIONS.has(setting) ? value / 1000 : value;
}

function hitsOf(setting: Setting, problems: ReadonlyMap<string, number>): number {
  return (CODES[setting] ?? []).reduce((sum, code) => sum + (problems.get(code) ?? 0), 0);
}

/** How much of a request is kept: nothing, everything but input and output, or all. */
export type AuditLevel = 'none' | 'metadata' | 'payload';

/** A rule holds for a request whose address begins with one of `prefixes` (all, when absent). */
export interface AuditRule {
  prefixes?: readonly string[];
  level: AuditLevel;
}

/** Probes, metrics, documentation and page assets would drown the rest; reading the record is itself recorded. */
export const DEFAULT_RULES: readonly AuditRule[] = [
  {
    prefixes: ['/health', '/v2/health', '/ping', '/metrics', '/docs', '/openapi.json', '/favicon.ico'],
    level: 'none',
  },
  { level: 'payload' },
];

/** The level of the first rule that holds (the model is the Kubernetes audit policy); `metadata` when none does. */
export function levelFor(rules: readonly AuditRule[], path: string): AuditLevel {
  for (const { prefixes, level } of rules) {
    if (!prefixes || prefixes.some((prefix) => isUnder(path, prefix))) return level;
  }
  return 'metadata';
}

function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  const next = path.charCodeAt(prefix.length);
  return Number.isNaN(next) || next === 47 /* / */ || next === 63; /* ? */
}

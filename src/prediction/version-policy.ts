import { compareVersions } from './catalog.js';
import type { ModelConfig } from './model-config.js';

/** Which of a model's versions on disk are served: all (the default), the newest few, or those named. */
export function chosenVersions(policy: ModelConfig['versionPolicy'], versions: readonly string[]): string[] {
  if (policy === undefined || policy === 'all') return [...versions];
  if ('specific' in policy) return versions.filter((version) => policy.specific.includes(version));
  return [...versions].sort((a, b) => compareVersions(b, a)).slice(0, policy.latest);
}

import { readFileSync } from 'node:fs';

/** The version in Oriel's own `package.json`, which is some folders above this code, built or not. */
export function packageVersion(): string {
  for (let folder = new URL('.', import.meta.url); folder.pathname !== '/'; folder = new URL('..', folder)) {
    const version = versionIn(new URL('package.json', folder));
    if (version !== undefined) return version;
  }
  return 'unknown';
}

function versionIn(file: URL): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown; version?: unknown };
    return name === 'oriel' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined; // no package here, or none of ours
  }
}

/**
 * What `npm pack` runs before and, with `--restore`, after. The code in `dist` brings most packages along, so that the package
 * needs only those outside of the bundle: for as long as it is packed, package.json says so.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXTERNAL } from './external.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MANIFEST = join(ROOT, 'package.json');
/** The package.json of the project while another is in its place. */
const ASIDE = join(ROOT, 'package.json.aside');
/** What is told to those who install the package; the rest is for working at it. */
const TOLD = ['name', 'version', 'description', 'license', 'type', 'bin', 'files', 'engines'];

interface Lock {
  packages: Record<string, { version?: string } | undefined>;
}

/** The manifest that is packed: the packages outside of the bundle, each in the version that was tested. */
function packed(manifest: Record<string, unknown>, { packages }: Lock): Record<string, unknown> {
  const dependencies = EXTERNAL.toSorted().map((name) => {
    const version = packages[`node_modules/${name}`]?.version;
    if (version === undefined) throw new Error(`package-lock.json has no ${name}.`);
    return [name, version];
  });
  return {
    ...Object.fromEntries(TOLD.map((key) => [key, manifest[key]])),
    scripts: { preinstall: 'node scripts/preinstall.js' },
    dependencies: Object.fromEntries(dependencies) as Record<string, string>,
  };
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

if (existsSync(ASIDE)) renameSync(ASIDE, MANIFEST); // also what an earlier one left that was cut short
if (!process.argv.includes('--restore')) {
  const manifest = packed(read('package.json') as Record<string, unknown>, read('package-lock.json') as Lock);
  writeFileSync(`${MANIFEST}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(MANIFEST, ASIDE);
  renameSync(`${MANIFEST}.new`, MANIFEST);
}

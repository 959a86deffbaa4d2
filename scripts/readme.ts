/**
 * Writes the parts of README.md that follow from the code, each between `<!-- generated:name -->` and
 * `<!-- /generated:name -->`. With `--check` it writes nothing and fails when README.md is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { bench } from './readme/bench.js';
import { dependencies } from './readme/dependencies.js';
import { faults } from './readme/faults.js';
import { fuzz } from './readme/fuzz.js';
import { owasp } from './readme/owasp.js';
import { settings } from './readme/settings.js';
import { tree } from './readme/tree.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const README = join(ROOT, 'README.md');
const SECTIONS = new Map(Object.entries({ settings, tree, dependencies, bench, faults, fuzz, owasp }));
const SECTION = /<!-- generated:(\w+) -->[^]*?<!-- \/generated:\1 -->/g;

async function section(name: string): Promise<string> {
  const make = SECTIONS.get(name);
  if (!make) throw new Error(`README.md has a section generated:${name}, which nobody writes.`);
  const options = await resolveConfig(README);
  const content = await format(make(ROOT), { ...options, parser: 'markdown' });
  return `<!-- generated:${name} -->\n\n${content}\n<!-- /generated:${name} -->`;
}

/** @throws Error with a sentence when a section is missing, or its source does not fit the code */
async function generate(text: string): Promise<string> {
  const found = new Map<string, string>();
  for (const [, name = ''] of text.matchAll(SECTION)) found.set(name, await section(name));
  const missing = [...SECTIONS.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new Error(`README.md has no section generated:${missing.join(', generated:')}.`);
  }
  return text.replace(SECTION, (whole, name: string) => found.get(name) ?? whole);
}

async function main(): Promise<void> {
  const current = readFileSync(README, 'utf8');
  const wanted = await generate(current);
  if (wanted === current) return;
  if (process.argv.includes('--check')) {
    throw new Error('README.md is not up to date: run `npm run readme` and commit what it writes.');
  }
  writeFileSync(README, wanted);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

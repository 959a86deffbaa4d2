import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../../bench/measured.js';
import { setting, tables } from '../../bench/report.js';
import { table } from './markdown.js';

const FILE = 'bench/results.json';
const COMMAND = `npm run bench -- --open --start --json ${FILE}`;

/** The tables of the last benchmark that was kept. */
export function bench(root: string): string {
  const path = join(root, FILE);
  if (!existsSync(path))
    return `Not measured yet: \`${COMMAND}\` measures, \`npm run readme\` then shows it here.`;
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results;
  const parts = tables(results).map(({ title, header, rows, notes }) =>
    [`${title}.`, table(header, rows, '--:'), ...notes].join('\n\n'),
  );
  return [
    `Measured on ${results.measuredAt} by \`${results.command}\` on: ${setting(results)}.`,
    ...parts,
  ].join('\n\n');
}

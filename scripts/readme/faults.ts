import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashFigures } from '../../test/faults/crashes.js';
import { table } from './markdown.js';

const FILE = 'test/faults/results.json';
const COMMAND = 'npm run test:faults -- --kills 100';

/** What the last long run of kills came to. */
export function faults(root: string): string {
  const path = join(root, FILE);
  if (!existsSync(path)) return `Not run yet: \`${COMMAND}\` runs it, \`npm run readme\` then shows it here.`;
  const { measuredAt, command, ...figures } = JSON.parse(readFileSync(path, 'utf8')) as CrashFigures & {
    measuredAt: string;
    command: string;
  };
  const count = (value: number): string => value.toLocaleString('en-US');
  const rows = [
    [`kills (SIGKILL at a random moment, ${figures.clients} clients)`, count(figures.kills)],
    ['answers that clients had', count(figures.answered)],
    ['records, also of answers under way at a kill', count(figures.onRecord)],
    ['answers missing on record', count(figures.missing)],
    ['records that are there twice', count(figures.duplicates)],
    ['entries in the chain, all heads computed anew', count(figures.chained)],
    ['longest restart', `${count(figures.longestRestartMs)} ms`],
  ];
  return [`Run on ${measuredAt} by \`${command}\`, on one data folder:`, table(['', ''], rows, '--:')].join(
    '\n\n',
  );
}

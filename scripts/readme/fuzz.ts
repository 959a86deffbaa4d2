import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzResults } from '../../test/fuzz/run.js';
import { table } from './markdown.js';

const FILE = 'test/fuzz/results.json';

/** What the last long run of the fuzzer came to. */
export function fuzz(root: string): string {
  const path = join(root, FILE);
  if (!existsSync(path)) return 'Not run yet: `npm run fuzz` runs it, `npm run readme` then shows it here.';
  const { measuredAt, command, note, attacks, crashes, bounded, memory } = JSON.parse(
    readFileSync(path, 'utf8'),
  ) as FuzzResults;
  const count = (value: number): string => value.toLocaleString('en-US');
  const rows = attacks.map((one) => [
    one.attack,
    count(one.inputs),
    count(one.taken),
    count(one.refused),
    count(one.busy),
    count(one.failed),
    count(one.faults),
    `${count(one.longestMs)} ms`,
  ]);
  const heads = ['attack', 'inputs', 'taken', 'refused', 'busy (503)', 'other 5xx', 'faults', 'longest'];
  const models = attacks.some(({ attack }) => attack === 'model files');
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...(models
      ? [
          `Of the model files ${count(crashes)} crashed the process that tried them, and ${count(bounded)} were given up for their time or memory.`,
        ]
      : []),
    ...(memory
      ? [
          `Resident memory was ${count(memory.before)} MiB before, and at most ${count(memory.most)} MiB after an attack.`,
        ]
      : []),
  ];
  return [`Run on ${measuredAt} by \`${command}\`:`, table(heads, rows, '--:'), notes.join(' ')].join('\n\n');
}

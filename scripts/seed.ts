/**
 * Makes a data folder with a record of many requests, chained and signed as a server would have written it, to measure on:
 * `npm run seed -- --records 10000000 --days 30 --out data`.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { databaseFile } from '../src/database/data-folder.js';
import { seed } from './seed/seed.js';

const USAGE = `npm run seed -- --out DIR [options]

  --out DIR     folder to make oriel.db in; it must have none
  --records N   requests on record (1000000)
  --days N      days before now that they arrived in (30)
  --batch N     records in a commit (500)
  --seed N      of the random numbers: the same traffic for the same seed (1)
`;

const DAY = 86_400_000;

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string' },
      records: { type: 'string', default: '1000000' },
      days: { type: 'string', default: '30' },
      batch: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (values.out === undefined) throw new Error(USAGE);
  const [records, days, batch, start] = [values.records, values.days, values.batch, values.seed].map(Number) as [
    number, number, number, number,
  ]; // prettier-ignore
  if (![records, batch].every((value) => Number.isInteger(value) && value > 0) || !(days > 0))
    throw new Error(USAGE);
  const out = resolve(values.out);
  if (existsSync(databaseFile(out))) throw new Error(`${databaseFile(out)} is there already`);
  const begun = performance.now();
  const now = Date.now();
  await seed(out, { records, from: now - days * DAY, to: now, seed: start }, batch, (written) => {
    if (written % (batch * 1000) === 0) process.stderr.write(`${written} records\n`);
  });
  process.stderr.write(`${records} records in ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

/** `npm run test:faults -- --kills 100`: kills the server under load, and keeps the figures for the README. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashes } from './crashes.js';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '100' }, clients: { type: 'string', default: '16' } },
  });
  const [kills, clients] = [Number(values.kills), Number(values.clients)];
  if (!(Number.isInteger(kills) && kills > 0 && Number.isInteger(clients) && clients > 0))
    throw new Error('--kills and --clients are whole numbers above 0');
  const folder = mkdtempSync(join(tmpdir(), 'oriel-kills-'));
  try {
    const figures = await crashes(kills, clients, folder, (line) => process.stderr.write(`${line}\n`));
    const measuredAt = new Date().toISOString().slice(0, 10);
    const results = { measuredAt, command: `npm run test:faults -- --kills ${kills}`, ...figures };
    const text = `${JSON.stringify(results, null, 2)}\n`;
    process.stdout.write(text);
    if (figures.missing > 0 || figures.duplicates > 0)
      throw new Error(
        `${figures.missing} answers are not on record, ${figures.duplicates} records are there twice`,
      );
    writeFileSync(join(import.meta.dirname, 'results.json'), text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});

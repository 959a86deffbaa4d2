/** Many rows in one request, against one script that does the same without a server. */
import { ROWS, bulkRow, type BulkLoad, type BulkRow } from './measured.js';
import { PATH } from './question.js';
import type { ScriptJob } from './script.load.js';
import { Generator, startOriel } from './servers.js';
import { APARTMENT, houses, type House } from '../test/houses.js';

/** Rows of a file: its body is streamed. */
const FILE_ROWS = 200_000;

interface Form {
  name: string;
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
  rows: number;
}

export async function measureBulk(rounds: number, tell: (line: string) => void): Promise<BulkRow[]> {
  tell(`bulk, rows in one request: ${ROWS}`);
  const server = await startOriel('strict');
  const script = new Generator<ScriptJob, BulkLoad>('script.load.ts');
  const columns = Object.keys(APARTMENT);
  const rows = houses(ROWS).map((house) =>
    Object.fromEntries(columns.map((name) => [name, house[name] ?? 0])),
  );
  const body = JSON.stringify(rows);
  const forms = [jsonForm(body), binaryForm(rows, columns), ndjsonForm(rows), csvForm(rows, columns)];
  const yardstick: BulkLoad[] = [];
  const measured = forms.map((): BulkLoad[] => []);
  await script.run({ body, columns });
  for (const form of forms) await ask(server.address, form);
  for (let round = 1; round <= rounds; round++) {
    yardstick.push(await script.run({ body, columns }));
    for (const [index, form] of forms.entries()) measured[index]?.push(await ask(server.address, form));
    tell(`  round ${round} of ${rounds}`);
  }
  script.stop();
  await server.stop();
  return [
    bulkRow('one script', yardstick, yardstick),
    ...forms.map(({ name }, index) => bulkRow(name, measured[index] ?? [], yardstick)),
  ];
}

async function ask(address: string, { path, headers, body, rows }: Form): Promise<BulkLoad> {
  const begin = performance.now();
  const response = await fetch(address + path, { method: 'POST', headers, body });
  const answer = await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return { rows, seconds: (performance.now() - begin) / 1000, answer: answer.byteLength };
}

function jsonForm(body: string): Form {
  return { name: 'JSON', path: PATH, headers: { 'content-type': 'application/json' }, body, rows: ROWS };
}

function binaryForm(rows: readonly House[], columns: readonly string[]): Form {
  const data = Buffer.from(
    Float64Array.from(rows.flatMap((row) => columns.map((name) => row[name] ?? 0))).buffer,
  );
  const parameters = { binary_data_size: data.length };
  const input = { name: 'input', datatype: 'FP64', shape: [rows.length, columns.length], parameters };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const headers = { 'inference-header-content-length': String(head.length) };
  const path = '/v2/models/boston-housing/versions/1/infer';
  return { name: '/v2, bytes', path, headers, body: Buffer.concat([head, data]), rows: rows.length };
}

/** As many rows again and again as a file has. */
function repeated(lines: readonly string[]): string {
  return Array.from({ length: FILE_ROWS }, (_, n) => lines[n % lines.length]).join('\n');
}

function ndjsonForm(rows: readonly House[]): Form {
  const body = repeated(rows.map((row) => JSON.stringify(row)));
  return {
    name: 'NDJSON, a file',
    path: PATH,
    headers: { 'content-type': 'application/x-ndjson' },
    body,
    rows: FILE_ROWS,
  };
}

function csvForm(rows: readonly House[], columns: readonly string[]): Form {
  const lines = rows.map((row) => columns.map((name) => row[name]).join(','));
  const body = `${columns.join(',')}\n${repeated(lines)}`;
  return { name: 'CSV, a file', path: PATH, headers: { 'content-type': 'text/csv' }, body, rows: FILE_ROWS };
}

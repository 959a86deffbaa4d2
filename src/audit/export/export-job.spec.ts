import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { Folder, idOf, NOON, request, type RecordFields } from '../../../test/record-folder.js';
import { AuditQueries } from '../audit-queries.js';
import { OUTCOMES } from '../record.js';
import { EXPORT_COLUMNS } from './columns.js';
import { ExportJob, type ExportQuery } from './export-job.js';
import { PACKED, PackedRow } from './packed-row.js';
import { Lookup } from './shared.js';

let on: Folder;
beforeEach(async () => {
  on = await Folder.open();
});
afterEach(() => on.close());

function exported(query: Partial<ExportQuery> = {}): Buffer {
  const job = new ExportJob(on.reading, { filter: {}, format: 'ndjson', ...query });
  const chunks: Uint8Array[] = [];
  for (let chunk = job.next(); chunk; chunk = job.next()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function lines(query: Partial<ExportQuery> = {}): { id: string; seq: number }[] {
  const text = exported(query).toString('utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { id: string; seq: number });
}

/** The cells of a file as RFC 4180 has them; CRLF between lines. */
function cells(csv: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < csv.length) {
    const row = rows.at(-1) as string[];
    const quoted = /^"((?:[^"]|"")*)"/.exec(csv.slice(at));
    const cell = quoted ? quoted[0] : (/^[^",\r\n]*/.exec(csv.slice(at)) as RegExpExecArray)[0];
    row.push(quoted ? (quoted[1] as string).replaceAll('""', '"') : cell);
    at += cell.length;
    if (csv.startsWith('\r\n', at)) {
      rows.push([]);
      at += 2;
    } else {
      expect(csv[at]).toBe(',');
      at++;
    }
  }
  return rows.slice(0, -1);
}

/** A text as `csvCell` leaves it within quotes. */
const safe = (cell: string): string =>
  /^[=+\-@\t\r\n]/.test(cell) && !/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(cell) ? `'${cell}` : cell;
const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value));
/** A JSON text as the cell has it, if it is the same but for white space. */
const onOneLine = (json: string, cell: string): string =>
  !/[\r\n]/.test(cell) && JSON.stringify(JSON.parse(cell.replace(/^'/, ''))) === json
    ? cell.replace(/^'/, '')
    : json;

const someText = fc.string({ unit: 'binary', maxLength: 12 });
const formula = fc.constantFrom(
  '=1+1',
  '+cmd|x',
  '-1+2',
  '@SUM(A1)',
  '\t=1',
  '\r',
  'a,"b"\r\nc',
  '-5',
  '',
  ' ',
);
const text = fc.oneof(someText, formula);
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null });
const payload = maybe(fc.jsonValue().map((value) => JSON.stringify(value)));
const fields: fc.Arbitrary<Partial<RecordFields>> = fc.record(
  {
    at: fc.integer({ min: NOON, max: NOON + 100_000 }),
    path: maybe(text),
    status: fc.integer({ min: 100, max: 599 }),
    outcome: fc.constantFrom(...OUTCOMES),
    problem: maybe(text),
    principal: text,
    source: text,
    userAgent: text,
    clientRequestId: maybe(text),
    totalUs: fc.nat(10_000_000),
    queueUs: maybe(fc.nat(1000)),
    batch: maybe(fc.nat(100)),
    cache: maybe(text),
    input: payload,
    output: payload,
    lost: maybe(fc.nat(10)),
  },
  { requiredKeys: [] },
);
const modelled = fc.tuple(fields, maybe(fc.constantFrom('m', 'n"'))).map(([some, model]) => ({
  ...some,
  ...(model === null ? {} : { model, version: '1', digest: 'd' }),
}));

/** Inputs whose names are the same, as those of one model are, also with values that do not come apart. */
const inputs = fc
  .tuple(
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), someText),
    fc.jsonValue(),
    fc.boolean(),
  )
  .map(([a, b, wide]) => JSON.stringify({ 'a"': a, b }, null, wide ? 1 : undefined));
const predictions = fc.tuple(fields, inputs, fc.boolean()).map(([some, input, cut]) => ({
  ...some,
  ...{ model: 'm', version: '1', digest: 'd', outcome: 'ok', input },
  ...(cut ? { truncated: 'input' } : {}),
}));

describe('an export', () => {
  it('has in each line what the record itself is, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(modelled, predictions), { minLength: 1, maxLength: 20 }),
        async (some) => {
          const before = on.writer.tip.seq;
          on.writer.commit(some.map((one) => request(one)));
          const queries = new AuditQueries(on.reading);
          const found = lines({ from: { seq: before + 1 } });
          expect(found).toHaveLength(some.length);
          for (const line of found) expect(line).toEqual(await queries.one(line.id));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says of a cut payload what the record says, and of outcomes too', async () => {
    const cut = request({
      input: '{"a":[1,2',
      truncated: 'input',
      output: '{\n "prediction": [1]\r\n}',
      at: NOON,
    });
    on.writer.commit([cut]);
    const id = on.predict({ output: { prediction: [1] } });
    on.tell([[id, 1.5, 0, NOON]]);
    const queries = new AuditQueries(on.reading);
    const found = lines();
    expect(found.map((line) => line.id)).toEqual([idOf(cut), id]);
    for (const line of found) expect(line).toEqual(await queries.one(line.id));
    expect(found[0]).toMatchObject({ input: '{"a":[1,2', truncated: ['input'] });
    expect(found[1]).toHaveProperty('outcomes');
  });

  it('is in the order of seq, from one to before another, and by time of arrival', () => {
    const times = [5, 1, 4, 2, 3];
    on.writer.commit(times.map((at) => request({ at: NOON + at * 1000 })));
    const seqs = (query: Partial<ExportQuery>): number[] => lines(query).map(({ seq }) => seq);
    expect(seqs({})).toEqual([1, 2, 3, 4, 5]);
    expect(seqs({ from: { seq: 3 } })).toEqual([3, 4, 5]);
    expect(seqs({ from: { seq: 2 }, to: { seq: 4 } })).toEqual([2, 3]);
    expect(seqs({ from: { time: NOON + 2000 }, to: { time: NOON + 5000 } })).toEqual([3, 4, 5]);
    expect(seqs({ from: { seq: 4 }, to: { time: NOON + 3000 } })).toEqual([4]);
    expect(seqs({ from: { seq: 99 } })).toEqual([]);
    expect(seqs({ filter: { from: NOON + 4000 } })).toEqual([1, 3]);
  });

  it('takes the filters of the list, and nothing of a model that nobody knows', () => {
    on.writer.commit([
      request({ model: 'm', version: '1', digest: 'd', status: 200 }),
      request({ model: 'm', version: '2', digest: 'd', status: 503, principal: 'ann' }),
      request({ status: 404, outcome: 'clientError' }),
    ]);
    const found = (filter: ExportQuery['filter']): number[] => lines({ filter }).map(({ seq }) => seq);
    expect(found({ model: 'm' })).toEqual([1, 2]);
    expect(found({ version: '2' })).toEqual([2]);
    expect(found({ status: [400, 599] })).toEqual([2, 3]);
    expect(found({ principal: 'ann' })).toEqual([2]);
    expect(found({ filter: 'status = 404 OR principal = "ann"' })).toEqual([2, 3]);
    expect(found({ model: 'nobody' })).toEqual([]);
  });

  it('ends with what was on record when it began', () => {
    on.writer.commit(Array.from({ length: 3000 }, () => request()));
    const job = new ExportJob(on.reading, { filter: {}, format: 'ndjson' });
    on.writer.commit([request()]);
    let count = 0;
    for (let chunk = job.next(); chunk; chunk = job.next())
      count += Buffer.from(chunk).toString().split('\n').length - 1;
    expect(count).toBe(3000);
  });
});

describe('a CSV export', () => {
  it('gives every text back by RFC 4180, and none that a spreadsheet would run', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 10 }), (texts) => {
        const before = on.writer.tip.seq;
        on.writer.commit(texts.map((one) => request({ clientRequestId: one })));
        const [head, ...rows] = cells(
          exported({ format: 'csv', from: { seq: before + 1 } }).toString('utf8'),
        );
        expect(head).toEqual(EXPORT_COLUMNS.map(({ name }) => name));
        const at = (head as string[]).indexOf('clientRequestId');
        for (const [index, row] of rows.entries()) {
          expect(row).toHaveLength(EXPORT_COLUMNS.length);
          const cell = row[at] as string;
          if (/^[=+\-@\t\r]/.test(cell)) expect(cell).toMatch(/^[+-]?\d/);
          expect([texts[index], `'${texts[index]}`]).toContain(cell);
        }
        expect(rows).toHaveLength(texts.length);
      }),
      { numRuns: 60 },
    );
  });

  it('has the same values as the lines of JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(modelled, predictions), { minLength: 1, maxLength: 10 }), (some) => {
        const before = on.writer.tip.seq;
        on.writer.commit(some.map((one) => request(one)));
        const from = { seq: before + 1 };
        const rows = cells(exported({ format: 'csv', from }).toString('utf8')).slice(1);
        for (const [index, line] of lines({ from }).entries()) {
          const record = line as unknown as Record<string, unknown>;
          const { total, queue, run } = record.latency as Record<string, unknown>;
          const all: Record<string, unknown> = {
            ...record,
            latencyTotal: total,
            latencyQueue: queue,
            latencyRun: run,
          };
          for (const [at, { name }] of EXPORT_COLUMNS.entries()) {
            const cell = (rows[index] as string[])[at] as string;
            const value = all[name];
            if (name === 'input' || name === 'output')
              expect(cell).toBe(value === undefined ? '' : safe(onOneLine(JSON.stringify(value), cell)));
            else expect(cell).toBe(safe(value === undefined || value === null ? '' : textOf(value)));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells an empty text from none', () => {
    on.writer.commit([request({ clientRequestId: '', traceId: null })]);
    expect(exported({ format: 'csv' }).toString()).toContain(',,"",');
  });
});

describe('a Parquet export', () => {
  it('has the same values, in types of its own', async () => {
    const input = '{"a":1}';
    on.writer.commit([
      request({
        at: NOON + 1,
        model: 'm',
        version: '1',
        digest: 'd',
        input,
        batch: 3,
        userAgent: 'phöne 🏠',
      }),
      ...Array.from({ length: 15_000 }, (_, index) => request({ at: NOON + index, totalUs: index })),
    ]);
    const bytes = exported({ format: 'parquet' });
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    expect(parquetMetadata(file).row_groups.length).toBe(2);
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(15_001);
    expect(rows[0]).toMatchObject({
      seq: 1n, time: new Date(NOON + 1), latencyTotal: 1.5, latencyQueue: 0.25, method: 'POST', status: 200, batch: 3,
      model: 'm', version: '1', digest: 'd', input, output: null, principal: null, userAgent: 'phöne 🏠',
    }); // prettier-ignore
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index + 1));
  });

  it('is a file also without a row', async () => {
    const bytes = exported({ format: 'parquet' });
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    expect(await parquetReadObjects({ file })).toEqual([]);
  });
});

describe('a lookup of an export', () => {
  it('knows again what it forgot, and has something to say of what is not there', () => {
    const insert = on.database.prepare('INSERT INTO audit_models (id, name) VALUES (?, ?)');
    for (let id = 1; id <= 50; id++) insert.run(id, `m${id}`);
    const names = new Lookup(on.database, 'name', 'audit_models', ([name]) => name ?? 'nobody', 5);
    const ids = Array.from({ length: 400 }, (_, index) => 1 + ((index * 17) % 50));
    names.need(ids.slice(0, 30));
    for (const id of ids) expect(names.get(id)).toBe(`m${id}`);
    expect(names.get(51)).toBe('nobody');
  });
});

describe('a packed row', () => {
  it('is read to its last byte, and refused where it is not what was packed', () => {
    on.writer.commit([request({ input: '{"a":1}', problem: 'p\n"' })]);
    const bytes = on.database
      .prepare(
        `SELECT CAST(${PACKED} AS BLOB) FROM audit_requests r LEFT JOIN audit_payloads payload ON payload.seq = r.seq`,
      )
      .pluck()
      .get() as Buffer;
    const row = new PackedRow(bytes);
    expect([row.next(), row.rare.problem, row.next()]).toEqual([true, 'p\n"', false]);
    for (let length = 1; length < bytes.length; length++)
      expect(() => new PackedRow(bytes.subarray(0, length)).next()).toThrow('not as it was written');
  });
});

import type { PageMark } from './page-token.js';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { openReader, openWriter, rawConnection } from '../database/open.js';
import { JournalWriter } from '../journal/journal-writer.js';
import { AUDIT_ENTITIES } from './audit.entity.js';
import { AuditQueries, type RecordFilter } from './audit-queries.js';
import { AuditWriter } from './audit-writer.js';
import { bytesToUuid, firstIdAt } from './id.js';
import { pageOf } from '../../test/record-folder.js';
import { RecordPages } from './record-pages.js';
import { AUDIT_REQUEST, type RecordTuple } from './record.js';

const NOON = Date.UTC(2026, 0, 31, 12);

/** A fresh folder with one writer and one reader on it. */
class Record {
  private constructor(
    readonly folder: string,
    readonly writing: DataSource,
    readonly reading: DataSource,
    readonly writer: JournalWriter,
    readonly queries: AuditQueries,
    readonly pages: RecordPages,
  ) {}

  static async open(): Promise<Record> {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-audit-'));
    const writing = await openWriter(folder, AUDIT_ENTITIES);
    const reading = await openReader(folder, AUDIT_ENTITIES);
    const database = rawConnection(writing);
    const writer = new JournalWriter(database, { [AUDIT_REQUEST]: new AuditWriter(database) });
    return new Record(folder, writing, reading, writer, new AuditQueries(reading), new RecordPages(reading));
  }

  /** @returns why each was refused, or null */
  write(...records: readonly RecordTuple[]): (string | null)[] {
    const answers = this.writer.commit(records.map((one) => [AUDIT_REQUEST, one]));
    return records.map((_, index) => {
      const answer = answers?.[index];
      return answer && 'refused' in answer ? answer.refused : null;
    });
  }

  /** The paths of the records that a filter finds, newest first. */
  find(filter: RecordFilter): (string | null)[] {
    const { items } = pageOf(this.pages, { filter, limit: 1000 });
    return items.map(({ path }) => path);
  }

  async close(): Promise<void> {
    await this.reading.destroy();
    await this.writing.destroy();
    rmSync(this.folder, { recursive: true });
  }
}

interface Fields {
  at: number;
  path: string;
  route: string;
  status: number;
  outcome: string | null;
  problem: string | null;
  principal: string;
  clientRequestId: string;
  totalUs: number;
  model: string | null;
  version: string | null;
  digest: string | null;
  input: string | null;
  output: string | null;
  truncated: string | null;
  lost: number | null;
}

let count = 0;

/** The id of the n-th record that a test makes, arrived at `at`. */
function idAt(at: number): string {
  const bytes = firstIdAt(at);
  bytes.writeUInt32BE(0x70000000, 6);
  bytes.writeUInt32BE(++count, 12);
  return bytesToUuid(bytes);
}

function record(fields: Partial<Fields> = {}): RecordTuple {
  const given: Fields = {
    at: NOON, path: '/p', route: '/v1/models/:model/predict', status: 200, outcome: 'ok', problem: null, principal: '',
    clientRequestId: 'c', totalUs: 1500, model: null, version: null, digest: null, input: null, output: null,
    truncated: null, lost: null, ...fields,
  }; // prettier-ignore
  return [
    idAt(given.at), 'POST', given.route, given.path, given.status, given.outcome, given.problem, given.principal,
    '10.0.0.1', 'curl', null, given.clientRequestId, given.totalUs, 250, 750, given.model, given.version, given.digest,
    4, null, given.input, given.output, given.truncated, given.lost,
  ] as unknown as RecordTuple; // prettier-ignore
}

/** A record that the database refuses: it has no outcome. */
const poison = (fields: Partial<Fields> = {}): RecordTuple => record({ outcome: null, ...fields });

describe('the record on disk', () => {
  let on: Record;
  beforeEach(async () => {
    on = await Record.open();
  });
  afterEach(() => on.close());

  it('gives a record back as it was written', async () => {
    const written = record({
      path: '/v1/models/m/predict', model: 'm', version: '2', digest: 'abc', input: '{"a":1}', output: '{"prediction":[2]}',
    }); // prettier-ignore
    on.write(written);
    expect(await on.queries.one(written[0])).toEqual({
      id: written[0], seq: 1, time: '2026-01-31T12:00:00.000Z', completedAt: '2026-01-31T12:00:00.002Z',
      latency: { total: 1.5, queue: 0.25, run: 0.75 }, method: 'POST', route: '/v1/models/:model/predict',
      path: '/v1/models/m/predict', status: 200, outcome: 'ok', problem: null, principal: null, source: '10.0.0.1',
      userAgent: 'curl', traceId: null, clientRequestId: 'c', model: 'm', version: '2', digest: 'abc', batch: 4,
      cache: null, input: { a: 1 }, output: { prediction: [2] },
    }); // prettier-ignore
    expect(await on.queries.one(written[0].toUpperCase())).toMatchObject({ id: written[0] });
    expect(await on.queries.one(idAt(NOON))).toBeNull();
  });

  it('shows a payload that was cut as the text it is, and says so', async () => {
    const written = record({ input: '{"a":', output: '[1]', truncated: 'input' });
    on.write(written);
    expect(await on.queries.one(written[0])).toMatchObject({
      input: '{"a":',
      output: [1],
      truncated: ['input'],
    });
  });

  it('finds records by each filter, newest first', () => {
    on.write(
      record({ path: '/1', at: NOON, model: 'm', version: '1', digest: 'x', principal: 'ann', totalUs: 900 }),
      record({
        path: '/2',
        at: NOON + 1,
        model: 'm',
        version: '2',
        digest: 'y',
        status: 422,
        outcome: 'clientError',
      }),
      record({
        path: '/3',
        at: NOON + 2,
        model: 'other',
        version: '1',
        digest: 'z',
        clientRequestId: 'mine',
      }),
      record({
        path: '/4',
        at: NOON + 3,
        route: '/v1/models',
        status: 404,
        outcome: 'clientError',
        totalUs: 2000,
      }),
    );
    const finds: readonly (readonly [RecordFilter, readonly string[]])[] = [
      [{}, ['/4', '/3', '/2', '/1']],
      [{ model: 'm' }, ['/2', '/1']],
      [{ model: 'nobody' }, []],
      [{ version: '1' }, ['/3', '/1']],
      [{ model: 'm', version: '1' }, ['/1']],
      [{ status: [400, 499] }, ['/4', '/2']],
      [{ status: [404, 404] }, ['/4']],
      [{ outcome: 'ok' }, ['/3', '/1']],
      [{ principal: 'ann' }, ['/1']],
      [{ route: '/v1/models' }, ['/4']],
      [{ clientRequestId: 'mine' }, ['/3']],
      [{ minLatency: 1.5 }, ['/4', '/3', '/2']],
      [{ from: NOON + 1, to: NOON + 3 }, ['/3', '/2']],
      [{ from: NOON + 4 }, []],
      [{ to: NOON }, []],
      [{ from: -1, to: 8.64e15 }, ['/4', '/3', '/2', '/1']],
      [{ model: 'm', from: NOON + 1 }, ['/2']],
      [{ model: "m' OR 1=1 --" }, []],
    ];
    for (const [filter, found] of finds) expect([filter, on.find(filter)]).toEqual([filter, found]);
  });

  it('keeps the same version with other bytes apart', () => {
    on.write(
      record({ path: '/1', model: 'm', version: '1', digest: 'x' }),
      record({ path: '/2', model: 'm', version: '1', digest: 'y' }),
    );
    const { items } = pageOf(on.pages, { filter: { model: 'm', version: '1' }, limit: 10 });
    expect(items.map(({ path, digest }) => [path, digest])).toEqual([
      ['/2', 'y'],
      ['/1', 'x'],
    ]);
  });

  it('pages through all records that were there once each, although others come between the pages', () => {
    const setup = fc.record({
      ages: fc.array(fc.nat(20), { minLength: 1, maxLength: 25 }),
      limit: fc.integer({ min: 1, max: 8 }),
      between: fc.array(fc.nat(5), { maxLength: 3 }),
    });
    let day = 0;
    fc.assert(
      fc.property(setup, ({ ages, limit, between }) => {
        const from = NOON + ++day * 86_400_000;
        const before = ages.map((age) => record({ at: from + age }));
        on.write(...before);
        const filter: RecordFilter = { from, to: from + 86_400_000 };
        const seen: string[] = [];
        let after: PageMark | undefined;
        do {
          const page = pageOf(on.pages, { filter, limit, after });
          expect(page.items.length).toBeLessThanOrEqual(limit);
          if (page.next) expect(page.items).toHaveLength(limit);
          seen.push(...page.items.map(({ id }) => id));
          after = page.next;
          on.write(...between.map((later) => record({ at: from + 1000 + later }))); // newer than all pages
        } while (after);
        expect(seen).toEqual(
          before
            .map(([id]) => id)
            .sort()
            .reverse(),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('shows the record that stands for lost ones', () => {
    on.write(record({ path: null as unknown as string, route: '', status: 0, outcome: 'lost', lost: 7 }));
    const { items } = pageOf(on.pages, { filter: { outcome: 'lost' }, limit: 10 });
    expect(items).toMatchObject([{ route: null, path: null, lost: 7 }]);
  });

  it('reads with a connection that cannot write', () => {
    expect(() => rawConnection(on.reading).exec('DELETE FROM audit_requests')).toThrow(/readonly|read-only/i);
  });

  it('keeps every record but the poisoned ones of a batch', () => {
    const answers = on.write(record({ path: '/1' }), poison({ path: '/2' }), record({ path: '/3' }));
    expect(answers).toEqual([null, expect.stringMatching(/NOT NULL/), null]);
    expect(on.find({})).toEqual(['/3', '/1']);
  });

  it('refuses a second record of the same id, and only that', () => {
    const first = record({ path: '/1' });
    on.write(first);
    expect(on.write(first, record({ path: '/2' }))).toEqual([expect.stringMatching(/UNIQUE/), null]);
    expect(on.find({})).toEqual(['/2', '/1']);
  });

  it('forgets the ids of names that a rollback took away', () => {
    // The names are first seen in a transaction that is undone because of the poisoned record.
    on.write(record({ path: '/1', model: 'm', version: '1', digest: 'x' }), poison());
    on.write(poison({ model: 'late', version: '1', principal: 'eve', route: '/x' }));
    on.write(record({ path: '/2', model: 'late', version: '1', digest: 'x', principal: 'eve', route: '/x' }));
    expect(on.find({})).toEqual(['/2', '/1']); // an id of nothing would hide the record behind its joins
    expect(on.find({ model: 'm' })).toEqual(['/1']);
    expect(on.find({ model: 'late', principal: 'eve', route: '/x' })).toEqual(['/2']);
  });

  it('holds what was written whichever entries of whichever batches were poisoned', async () => {
    const entry = fc.record({
      model: fc.constantFrom('a', 'b', 'c'),
      principal: fc.constantFrom('', 'p', 'q'),
      bad: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(entry, { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
        async (batches) => {
          const fresh = await Record.open();
          try {
            const kept: (readonly [string, string, string | null])[] = [];
            for (const batch of batches) {
              const tuples = batch.map(({ bad, ...names }) =>
                (bad ? poison : record)({ ...names, version: '1', digest: 'd' }),
              );
              expect(fresh.write(...tuples).map((answer) => answer !== null)).toEqual(
                batch.map(({ bad }) => bad),
              );
              batch.forEach(({ model, principal, bad }, index) => {
                if (!bad) kept.push([tuples[index]![0], model, principal || null]);
              });
            }
            const { items } = pageOf(fresh.pages, { filter: {}, limit: 1000 });
            expect(items.map(({ id, model, principal }) => [id, model, principal])).toEqual(kept.reverse());
          } finally {
            await fresh.close();
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('has the schema that its entities say', async () => {
    const { upQueries } = await on.writing.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});

import type { RecordTuple } from '../../../audit/record.js';
import { AUDIT_REQUEST } from '../../../audit/record.js';
import { AUDIT_ERASE } from '../../../audit/retention/messages.js';
import { idAt } from '../../../audit/id.js';
import type { JournalEntry } from '../../../journal/messages.js';
import type { Json } from '../../engine/messages.js';
import { viewDefinition } from '../../definition/view.js';
import { PredictionEvent } from '../../queries/prediction-event.js';
import { BAD, StreamFolder, resultOf } from '../testing.js';
import { checkedDefinition } from '../core.js';
import { streamCore } from '../stream-core.js';
import { PREDICTIONS_DEFINITION } from './definition.js';

const MINUTE = 60_000;
const START = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE);

interface Asked {
  at?: number;
  status?: number;
  version?: string | null;
  input?: string | null;
  output?: string | null;
  eventTime?: number | null;
  principal?: string;
  truncated?: string | null;
}

/** The record of a question that took 5 ms. */
function asked(given: Asked = {}): JournalEntry {
  const {
    at = START,
    status = 200,
    version = '1',
    principal = '',
    eventTime = null,
    truncated = null,
  } = given;
  const { input = '{"RM":6.5,"TOWN":"Salem"}', output = '{"prediction":[30.25]}' } = given;
  const record: RecordTuple = [
    idAt(at), 'POST', '/v1/models/:model/predict', null, status, status < 400 ? 'ok' : 'clientError', null, principal, '10.0.0.1', 'curl',
    null, null, 5000, 250, 750, 'houses', version, 'abc', 4, null, input, output, truncated, null, null, eventTime, 2000, 0.5,
  ]; // prettier-ignore
  return [AUDIT_REQUEST, record];
}

describe('the stream of predictions', () => {
  let folder: StreamFolder;
  beforeEach(async () => {
    folder = await StreamFolder.open();
  });
  afterEach(() => folder.close());

  const log = (): string[] => folder.column("SELECT body FROM stream_log WHERE form = 'json' ORDER BY seq");
  const lines = (): Record<string, unknown>[] =>
    log().flatMap((body) => body.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>));
  const counted = (): number =>
    folder.store.clock({ name: 'predictions', sources: 0 })?.clock.counters.accepted as number;

  it('is there from the first start on, and only once', async () => {
    folder = await folder.again();
    expect(folder.column('SELECT name FROM streams')).toEqual(['predictions']);
    expect(
      folder.column<string>('SELECT definition FROM streams').map((text) => JSON.parse(text) as unknown),
    ).toEqual([viewDefinition(checkedDefinition(streamCore, PREDICTIONS_DEFINITION))]);
  });

  it('has an event for each record of a prediction, in one row of the log a commit', () => {
    const plain = asked()[1] as unknown[];
    folder.commit(
      asked(),
      [AUDIT_REQUEST, plain.slice(0, 24)], // of no prediction
      asked({ status: 422, output: null }),
      asked({ version: null, status: 404 }),
      asked({ eventTime: START - 5 }),
    );
    expect(log().length).toBe(1);
    expect(lines()).toEqual([
      {
        record: 1, time: START, model: 'houses', version: '1', status: 200, error: 0, latency: 5, queue: 0.25, run: 0.75, cpu: 2,
        cost: 0.5, prediction: 30.25, features: { RM: 6.5, TOWN: 'Salem' }, outputs: { prediction: [30.25] },
      }, // prettier-ignore
      expect.objectContaining({ record: 3, status: 422, error: 1, prediction: null }),
      expect.objectContaining({ record: 5, time: START - 5 }),
    ]);
    expect(counted()).toBe(3);
  });

  it('is found by the record that an event was made of, as long as it is kept', () => {
    folder.commit([AUDIT_REQUEST, (asked()[1] as unknown[]).slice(0, 24)]);
    folder.commit(asked(), asked({ version: null, status: 404 }), asked({ eventTime: START - 5 }));
    folder.commit(asked({ principal: 'ann' }));
    const events = new PredictionEvent(folder.database);
    const found = (): unknown[] => [1, 2, 3, 4, 5, 6].map((record) => events.of(record));
    const event = (seq: number, time = START): unknown[] => [
      { stream: 'predictions', seq, time: new Date(time).toISOString() },
    ];
    const first = folder.column<number>("SELECT min(seq) FROM stream_log WHERE form = 'json'")[0] as number;
    expect(found()).toEqual([[], event(first), [], event(first + 1, START - 5), event(first + 2), []]);
    folder.commit([
      AUDIT_ERASE,
      { id: idAt(START), principal: 'ann', payloadsOnly: false, reason: null, time: 0 },
    ]);
    const limits = { keep: 0, keepPayloads: 0, maxSize: 0, maxPayloads: 0 };
    while (folder.retention.step(folder.writer, limits, 0).more);
    expect(found()).toEqual([[], event(first), [], event(first + 1, START - 5), [], []]);
    folder.database.exec('DELETE FROM stream_log');
    expect(found()).toEqual([[], [], [], [], [], []]);
  });

  it('tells throughput, errors, latency, the mean prediction and the cost of a million each minute', () => {
    folder.commit(asked(), asked({ output: '{"prediction":[10]}' }), asked({ status: 422, output: null }));
    folder.commit(asked({ at: START + MINUTE + 5000 }));
    const rows = folder.database.prepare('SELECT start, "key", body FROM stream_windows').all() as {
      start: number;
      key: string;
      body: string;
    }[];
    expect(rows.map(({ start, key }) => [start, key])).toEqual([[START, '["houses","1"]']]);
    expect((JSON.parse(rows[0]?.body as string) as { values: unknown }).values).toEqual({
      count: 3,
      errors: 1,
      latencyP50: expect.closeTo(5, 0) as unknown,
      latencyP90: expect.closeTo(5, 0) as unknown,
      latencyP99: expect.closeTo(5, 0) as unknown,
      prediction: 20.125,
      costPerMillion: 0.5,
    });
  });

  it('keeps no more of a payload than the record does', () => {
    folder.commit(
      asked({ input: null, output: null }),
      asked({ input: '{"RM":6.5', truncated: 'input' }),
      asked({ input: '"a,b\\n1,2"', output: '[{"prediction":1}]' }),
      asked({ input: '{\n  "RM": 1\r\n}' }),
    );
    expect(lines().map(({ features, outputs }) => [features, outputs])).toEqual([
      [undefined, undefined],
      [undefined, { prediction: [30.25] }],
      [undefined, undefined],
      [{ RM: 1 }, { prediction: [30.25] }],
    ]);
  });

  it('is where its log says after a kill, and when a commit was written entry by entry', async () => {
    folder.commit(asked(), asked({ at: START + MINUTE }));
    folder.commit(asked({ at: START + 2 * MINUTE }), BAD, asked({ at: START + 3 * MINUTE }));
    expect(counted()).toBe(4);
    expect(log().length).toBe(3);
    const before = folder.said('predictions');
    folder = await folder.again();
    expect(folder.said('predictions')).toEqual(before);
  });

  it('takes more windows, also over features, and a feature that does not fit keeps nothing out', async () => {
    const more = {
      type: 'tumbling',
      size: '1m',
      aggregates: { rooms: { op: 'mean', field: '/features/RM' } },
    };
    const own = PREDICTIONS_DEFINITION as { windows: Record<string, Json> };
    expect(folder.put('predictions', { ...own, lateness: 0, windows: own.windows })).toEqual({
      refused: 'reserved',
    });
    expect(folder.put('predictions', { ...own, windows: { more } })).toEqual({ refused: 'reserved' });
    expect(folder.delete('predictions')).toEqual({ deleted: false, refused: 'reserved' });
    expect(folder.put('predictions', { ...own, windows: { ...own.windows, more } })).toEqual({
      put: 'replaced',
    });
    folder.commit(asked(), asked({ input: '{"RM":"many"}' }), asked({ input: '{"RM":1.5}' }));
    const before = folder.said('predictions');
    folder = await folder.again();
    expect(folder.said('predictions')).toEqual(before);
    folder.commit(asked({ at: START + 2 * MINUTE }));
    const bodies = folder.column<string>("SELECT body FROM stream_windows WHERE window = 'more'");
    expect(bodies.map((body) => (JSON.parse(body) as { values: unknown }).values)).toEqual([{ rooms: 4 }]);
  });

  it('loses what is erased of the record, but for what its windows have counted', async () => {
    folder.commit(
      asked({ principal: 'ann', input: '{"SECRET":1}' }),
      asked({ principal: 'bob', input: '{"HIDDEN":2}' }),
      asked(),
    );
    folder.commit(asked({ eventTime: START - 1000 * MINUTE, principal: 'ann', input: '{"LATE":1}' }));
    const erase = (principal: string, payloadsOnly: boolean): void => {
      const id = idAt(START);
      resultOf(folder.commit([AUDIT_ERASE, { id, principal, payloadsOnly, reason: null, time: 0 }])[0]);
      const limits = { keep: 0, keepPayloads: 0, maxSize: 0, maxPayloads: 0 };
      while (folder.retention.step(folder.writer, limits, 0).more);
    };
    erase('ann', false);
    erase('bob', true);
    expect(log().join('\n')).not.toMatch(/SECRET|HIDDEN|LATE/);
    expect(
      folder.column<string>('SELECT event FROM stream_late').map((text) => JSON.parse(text) as unknown),
    ).toEqual([null]);
    expect(lines().map((line) => (line as typeof line | null)?.record)).toEqual([undefined, 2, 3, undefined]);
    expect(lines()[1]).toMatchObject({ latency: 5, prediction: null });
    const before = folder.said('predictions');
    expect(counted()).toBe(4);
    folder = await folder.again();
    expect(folder.said('predictions')).toEqual(before);
  });

  it('gives the room back of records that are too old to be kept', async () => {
    folder.commit(asked({ principal: 'ann' }), asked({ principal: 'bob' }));
    folder.commit(asked({ at: START + MINUTE }));
    folder.commit(asked({ at: START + 10 * MINUTE, principal: 'ann' }), asked({ at: START + 10 * MINUTE }));
    const said = folder.said('predictions');
    const limits = { keep: 5 * MINUTE, keepPayloads: 0, maxSize: 0, maxPayloads: 0 };
    const now = START + 11 * MINUTE;
    while (folder.retention.step(folder.writer, limits, now).more);
    expect(log().slice(0, 2)).toEqual(['null\nnull', 'null']); // and no blanks
    folder.keep(now);
    expect(lines().map(({ record }) => record)).toEqual([4, 5]);
    expect(folder.column('SELECT last_record FROM stream_log_records')).toEqual([5]);
    expect(folder.said('predictions')).toEqual(said);
    folder = await folder.again();
    expect(folder.said('predictions')).toEqual(said);
    expect(counted()).toBe(5);
  });

  it('does not keep answers from going on record when it cannot be restored', async () => {
    folder.commit(asked());
    folder.database.exec('UPDATE streams SET next_seq = 77');
    folder = await folder.again();
    folder.commit(asked(), asked());
    expect(folder.column('SELECT count(*) FROM audit_requests')).toEqual([3]);
    expect(folder.column('SELECT rejected FROM streams')).toEqual([2]);
  });
});

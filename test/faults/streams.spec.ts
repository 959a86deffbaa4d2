import Database from 'better-sqlite3';
import { join } from 'node:path';
import type { Json, Sink } from '../../src/windows/engine/messages.js';
import { checkedDefinition } from '../../src/windows/storage/core.js';
import { elementsOf, type LogRow } from '../../src/windows/storage/log.js';
import { streamCore } from '../../src/windows/storage/stream-core.js';
import { Server, temporaryFolder } from '../server.js';

const KILLS = 5;
const CLIENTS = 6;
const DEFINITION = {
  key: ['car'],
  source: 'device',
  id: 'id',
  eventTime: 'time',
  watermark: { type: 'bounded', bound: '50ms', idleAfter: '200ms', futureLimit: null },
  lateness: '1s',
  windows: {
    short: {
      type: 'tumbling',
      size: '1s',
      aggregates: { n: { op: 'count' }, sum: { op: 'sum', field: 'v' } },
    },
    trip: { type: 'session', gap: '30ms', aggregates: { all: { op: 'collect', field: 'v' } } },
  },
  retention: { events: null, windows: null },
};

/** Sends its events in order, a request again and again until it is answered, over all the lives of the server. */
class Client {
  readonly acknowledged: string[] = [];
  private sent = 0;
  private batch: Json[] = [];

  constructor(private readonly name: string) {}

  /** @returns once the server is gone */
  async drive(url: string): Promise<void> {
    for (;;) {
      if (this.batch.length === 0) this.batch = this.next();
      const answer = await fetch(`${url}/v1/streams/cars/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(this.batch),
      })
        .then(async (response) => ({ status: response.status, body: await response.json() }))
        .catch(() => null); // killed; whether it was taken nobody knows
      if (!answer) return;
      expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
      const { accepted, duplicates } = answer.body as { accepted: number; duplicates: number };
      expect(accepted + duplicates).toBe(this.batch.length);
      this.acknowledged.push(...this.batch.map((event) => (event as { id: string }).id));
      this.batch = [];
    }
  }

  private next(): Json[] {
    return Array.from({ length: 1 + (this.sent % 20) }, () => {
      const n = this.sent++;
      const late = n % 37 === 0 ? 3000 : 0;
      return { id: `${this.name}-${n}`, device: this.name, car: `c${n % 3}`, time: n * 7 - late, v: n % 10 };
    });
  }
}

/** What an engine that was never killed says of a log, in order. */
function saidOf(definition: Json, log: readonly LogRow[]): unknown[] {
  const said: unknown[] = [];
  const sink: Sink = {
    result: ({ window, start, end, key, revision, events, values }) =>
      said.push([window, start, end, key, revision, events, values]),
    withdrawal: ({ window, start, end, key, revision }) =>
      said.push([window, start, end, key, revision, 0, {}]),
    alarm: () => undefined,
  };
  const meaning = checkedDefinition(streamCore, definition);
  const engine = streamCore.create(meaning);
  const reader = streamCore.reader(meaning);
  for (const { form, body, received } of log) {
    if (form === 'tick') engine.tick(Number(body), sink);
    else if (form === 'json')
      for (const element of elementsOf(body)) {
        const read = reader.read(element, form, received);
        if (!('event' in read)) throw new Error('the log holds what is no event');
        engine.apply(read.event, sink);
      }
  }
  return said;
}

describe('streams under kills', () => {
  it('count every acknowledged event once, and say what an engine says that was never killed', async () => {
    const data = temporaryFolder();
    const clients = Array.from({ length: CLIENTS }, (_, index) => new Client(`d${index}`));
    for (let life = 0; life < KILLS; life++) {
      const server = await Server.start({ ORIEL_DATA: data });
      if (life === 0) {
        const put = await fetch(`${server.url}/v1/streams/cars`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(DEFINITION),
        });
        expect(put.status).toBe(201);
      }
      const driven = Promise.all(clients.map((client) => client.drive(server.url)));
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 700));
      await server.kill();
      await driven;
    }
    const last = await Server.start({ ORIEL_DATA: data });
    await last.stop();

    const database = new Database(join(data, 'oriel.db'), { readonly: true });
    const { id, definition } = database
      .prepare("SELECT id, definition FROM streams WHERE name = 'cars'")
      .get() as { id: number; definition: string };
    const log = database
      .prepare('SELECT * FROM stream_log WHERE stream_id = ? ORDER BY seq')
      .all(id) as LogRow[];
    const ids = log
      .filter(({ form }) => form === 'json')
      .flatMap(({ body }) => elementsOf(body).map((event) => (event as { id: string }).id));
    expect(new Set(ids).size).toBe(ids.length);
    const logged = new Set(ids);
    const acknowledged = clients.flatMap((client) => client.acknowledged);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.filter((one) => !logged.has(one))).toEqual([]);

    const rows = database
      .prepare('SELECT * FROM stream_windows WHERE stream_id = ? ORDER BY emission')
      .all(id) as Record<string, unknown>[];
    const stored = rows.map(({ window, start, end, key, revision, events, body }) => [
      window, start, end, key, revision, events, (JSON.parse(body as string) as { values: unknown }).values,
    ]); // prettier-ignore
    database.close();
    expect(stored.length).toBeGreaterThan(0);
    expect(stored).toEqual(saidOf(JSON.parse(definition) as Json, log));
  });
});

/** Worked examples of other engines through the HTTP API of a server: `test/fixtures/windows`. */
import type { StreamDefinition } from '../../src/windows/engine/definition.js';
import type { Json } from '../../src/windows/engine/messages.js';
import { ask } from '../client.js';
import { alike, runCase, type CaseSubject, type LateEvent, type ToldWindow } from '../reference/case-run.js';
import { WINDOW, workedCases } from '../reference/case.js';
import { Server, temporaryFolder, type Environment } from '../server.js';

/** One server after another on the same data. */
class House {
  private server: Server | undefined;
  private readonly environment: Environment = { ORIEL_DATA: temporaryFolder() };

  async open(): Promise<Server> {
    return (this.server ??= await Server.start(this.environment));
  }

  /** As a power cut does it. */
  async crash(): Promise<void> {
    await this.server?.kill();
    this.server = undefined;
  }
}

interface ShownWindow {
  key: { k: Json };
  start: string;
  end: string;
  state: ToldWindow['state'];
  revision: number;
  values: Record<string, Json>;
}

interface ShownLate {
  event: Record<string, Json>;
  missed: { start: string; end: string }[];
  counted: unknown[];
}

/** A stream on the server. What is sent waits until something is asked, and goes as one request. */
class StreamSubject implements CaseSubject {
  private waiting: string[] = [];

  private constructor(
    private readonly house: House,
    private readonly path: string,
  ) {}

  static async put(house: House, path: string, definition: Json): Promise<StreamSubject> {
    const { status, text } = await ask(await house.open(), path, { method: 'PUT', body: definition });
    if (status !== 201) throw new Error(text);
    return new StreamSubject(house, path);
  }

  send(event: Record<string, Json>): Promise<void> {
    this.waiting.push(JSON.stringify(event));
    return Promise.resolve();
  }

  mark(time: number | 'end'): Promise<void> {
    return this.send({ $watermark: time });
  }

  async restart(): Promise<void> {
    await this.flush();
    await this.house.crash();
  }

  async windows(): Promise<ToldWindow[]> {
    const items = await this.pages<ShownWindow>(`windows/${WINDOW}?state=open,closed,final&limit=3`);
    return items.map(({ key, start, end, ...rest }) => ({
      ...{ key: key.k, start: Date.parse(start), end: Date.parse(end) },
      ...rest,
    }));
  }

  async late(): Promise<LateEvent[]> {
    const items = await this.pages<ShownLate>('late?limit=2');
    const all = await this.pages<ShownLate>('late?missed=all&limit=2');
    expect(all).toEqual(items.filter(({ counted }) => counted.length === 0));
    return items.map(({ event, missed, counted }) => ({
      event,
      missed: missed.map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) })),
      all: counted.length === 0,
    }));
  }

  private async pages<T>(query: string): Promise<T[]> {
    await this.flush();
    const all: T[] = [];
    let token = '';
    do {
      const reply = await ask(await this.house.open(), `${this.path}/${query}${token}`);
      if (reply.status !== 200) throw new Error(reply.text);
      const { items, nextPageToken } = reply.json as { items: T[]; nextPageToken?: string };
      all.push(...items);
      token = nextPageToken === undefined ? '' : `&pageToken=${encodeURIComponent(nextPageToken)}`;
    } while (token !== '');
    return all;
  }

  private async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const { status, text, json } = await ask(await this.house.open(), `${this.path}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: `${this.waiting.join('\n')}\n`,
    });
    this.waiting = [];
    if (status !== 200) throw new Error(text);
    expect(json).toMatchObject({ rejected: [] });
  }
}

describe('a server, told the worked examples of other engines,', () => {
  const house = new House();
  let streams = 0;
  const subjects = (_: StreamDefinition, json: Json): Promise<CaseSubject> =>
    StreamSubject.put(house, `/v1/streams/case-${++streams}`, json);

  test.each(workedCases().map((one) => [one.id, one] as const))('agrees with %s', async (_, one) => {
    const comparisons = await runCase(one, subjects);
    expect(comparisons.length).toBeGreaterThan(0);
    for (const { what, expected, found } of comparisons)
      if (!alike(expected, found)) expect({ what, rows: found }).toEqual({ what, rows: expected });
  });

  test('agrees with one of them that is cut off while windows are open, and told ones about to merge', async () => {
    const late = workedCases().find(({ id }) => id === 'flink-wot-late-session-lateness10')!;
    const events = late.events.flatMap((entry, i) =>
      [4, 11].includes(i) ? [entry, { restart: true }] : [entry],
    );
    for (const { what, expected, found } of await runCase({ ...late, events }, subjects))
      if (!alike(expected, found)) expect({ what, rows: found }).toEqual({ what, rows: expected });
  });
});

/** The engine as a subject of worked examples, told in JSON what a client would send. */
import { readDefinition } from '../../src/windows/definition/read.js';
import type { StreamDefinition } from '../../src/windows/engine/definition.js';
import type { Json, WindowResult } from '../../src/windows/engine/messages.js';
import { eventReader, type EventReader } from '../../src/windows/events/reader.js';
import type { CaseSubject, LateEvent, ToldWindow } from './case-run.js';
import { WINDOW } from './case.js';
import { Driver } from './driver.js';

export class EngineSubject implements CaseSubject {
  private readonly driver: Driver;
  private readonly reader: EventReader;
  private readonly lates: LateEvent[] = [];

  private constructor(private readonly definition: StreamDefinition) {
    this.driver = new Driver(definition);
    this.reader = eventReader(definition);
  }

  static of(json: Json): EngineSubject {
    const read = readDefinition(json);
    if ('faults' in read) throw new Error(JSON.stringify(read.faults));
    return new EngineSubject(read.definition);
  }

  send(event: Record<string, Json>): Promise<void> {
    const read = this.reader.read(event, 'json', 0);
    if (!('event' in read)) throw new Error(JSON.stringify(read));
    const { applied } = this.driver.move({ event: read.event });
    if (applied !== null && applied.missed.length > 0)
      this.lates.push({ event, missed: applied.missed, all: applied.late });
    return Promise.resolve();
  }

  mark(time: number | 'end'): Promise<void> {
    const read = this.reader.read({ $watermark: time }, 'json', 0);
    if (!('mark' in read)) throw new Error(JSON.stringify(read));
    this.driver.move(read);
    return Promise.resolve();
  }

  restart(): Promise<void> {
    this.driver.restart();
    return Promise.resolve();
  }

  windows(): Promise<ToldWindow[]> {
    const { engine } = this.driver;
    const isFinal = ({ end }: WindowResult): boolean => end + this.definition.lateness <= engine.watermark;
    const shown = (state: ToldWindow['state'], one: WindowResult): ToldWindow => ({
      ...{ key: (JSON.parse(one.key) as Json[])[0] ?? null, start: one.start, end: one.end, state },
      ...{ revision: one.revision, values: one.values },
    });
    return Promise.resolve([
      ...this.driver.told().map((one) => shown(isFinal(one) ? 'final' : 'closed', one)),
      ...engine.open({ window: WINDOW, limit: 100_000 }).map((one) => shown('open', one)),
    ]);
  }

  late(): Promise<LateEvent[]> {
    return Promise.resolve(this.lates);
  }
}

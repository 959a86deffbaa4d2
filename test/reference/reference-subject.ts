/** The reference as a subject of worked examples. */
import { fieldsOf, type StreamDefinition } from '../../src/windows/engine/definition.js';
import type { Json } from '../../src/windows/engine/messages.js';
import type { CaseSubject, LateEvent, ToldWindow } from './case-run.js';
import { WINDOW } from './case.js';
import { Reference, type ExpectedResult } from './reference.js';
import type { Expected } from './values.js';

export class ReferenceSubject implements CaseSubject {
  private readonly reference: Reference;
  private readonly lates: LateEvent[] = [];

  constructor(private readonly definition: StreamDefinition) {
    this.reference = new Reference(definition);
  }

  send(event: Record<string, Json>): Promise<void> {
    const time = event['t'] as number;
    const { applied } = this.reference.step({
      event: {
        ...{ time, received: time, source: null, key: JSON.stringify([event['k'] ?? null]) },
        values: fieldsOf(this.definition).map((field) => event[field] ?? null),
      },
    });
    if (applied !== null && applied.missed.length > 0)
      this.lates.push({ event, missed: applied.missed, all: applied.late });
    return Promise.resolve();
  }

  mark(time: number | 'end'): Promise<void> {
    this.reference.step({ mark: { source: null, time: time === 'end' ? Infinity : time, received: 0 } });
    return Promise.resolve();
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }

  windows(): Promise<ToldWindow[]> {
    const { watermark } = this.reference;
    const { lateness } = this.definition;
    const state = ({ end }: ExpectedResult) =>
      watermark < end ? 'open' : watermark < end + lateness ? 'closed' : 'final';
    return Promise.resolve(
      this.reference.all(WINDOW).map((one) => ({
        ...one,
        key: (JSON.parse(one.key) as Json[])[0] ?? null,
        state: state(one),
        values: Object.fromEntries(Object.entries(one.values).map(([name, value]) => [name, plain(value)])),
      })),
    );
  }

  late(): Promise<LateEvent[]> {
    return Promise.resolve(this.lates);
  }
}

function plain(value: Expected): Json {
  if ('exactly' in value) return value.exactly;
  if ('near' in value) return value.near;
  if ('first' in value) return value.first;
  return 'between' in value ? value.between[0] : value.estimate;
}

import { MAX_FAULTS, type Fault } from '../../errors.js';
import { MARK_MEMBER } from '../definition/field.js';
import { isObject } from '../definition/members.js';
import { fieldsOf, NUMERIC_OPS, type StreamDefinition } from '../engine/definition.js';
import type { EngineEvent, Json, Mark } from '../engine/messages.js';
import { readCloudEvent } from './cloudevents.js';
import { Field } from './field.js';
import { markReader, type MarkReader } from './marks.js';
import { sourceOf } from './source.js';
import { readTime } from './time.js';
import { anything, identity, numeric, present, scalar, type Check } from './values.js';

/** Where the fields of an event are: all over it, or as CloudEvents have it. */
export type EventForm = 'json' | 'cloudevents';

export interface ReadEvent {
  event: EngineEvent;
  /** What tells its duplicates, beside `event.source`: the JSON text of its id, so that 1 is not "1"; null: they are not told. */
  id: string | null;
  sentAt: number | null;
}

export interface ReadMark {
  mark: Mark;
}

export interface EventReader {
  /**
   * Reads an element of a request, a value that came out of `JSON.parse`.
   * @param received epoch milliseconds
   * @returns an event, a mark, or all that is wrong with it (at most `MAX_FAULTS`)
   */
  read(value: unknown, form: EventForm, received: number): ReadEvent | ReadMark | { faults: Fault[] };
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Reads the events and marks of a stream; made once for a definition, it is used for all of them. */
export function eventReader(definition: StreamDefinition): EventReader {
  return new Reader(definition);
}

/** Where a CloudEvent has what a definition calls by names of its own, and its data: JSON pointers. */
const ENVELOPE = { time: '/time', source: '/source', id: '/id', data: '/data' };
const NOT_A_TIME = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';

class Reader implements EventReader {
  private readonly key: readonly Field[];
  private readonly source: Field | null;
  private readonly id: Field | null;
  private readonly eventTime: Field;
  private readonly sentAt: Field | null;
  private readonly values: readonly { field: Field; check: Check }[];
  private readonly marks: Readonly<Record<EventForm, MarkReader>>;
  /** Of the element that is being read. */
  private faults: Fault[] = [];

  constructor(definition: StreamDefinition) {
    const { key, source, id, eventTime, sentAt } = definition;
    this.key = key.map((field) => new Field(field));
    this.source = source === null ? null : new Field(source);
    this.id = id === null ? null : new Field(id);
    this.eventTime = new Field(eventTime);
    this.sentAt = sentAt === null ? null : new Field(sentAt);
    const checks = checksOf(definition);
    this.values = fieldsOf(definition).map((field) => ({
      field: new Field(field),
      check: checks.get(field) ?? anything,
    }));
    this.marks = {
      json: markReader(definition, source),
      cloudevents: markReader(definition, source === null ? null : 'source'),
    };
  }

  read(value: unknown, form: EventForm, received: number): ReadEvent | ReadMark | { faults: Fault[] } {
    if (!isObject(value)) return { faults: [{ pointer: '', detail: 'must be an object' }] };
    if (value[MARK_MEMBER] !== undefined) return this.marks[form].read(value, received);
    if (this.faults.length > 0) this.faults = [];
    const read = form === 'json' ? this.plain(value, received) : this.cloudEvent(value, received);
    return this.faults.length === 0 ? read : { faults: this.faults.slice(0, MAX_FAULTS) };
  }

  private plain(event: JsonObject, received: number): ReadEvent {
    const time = this.timeOf(this.eventTime.of(event), this.eventTime.pointer);
    const source = this.source
      ? sourceOf(this.source.of(event) ?? null, this.source.pointer, this.faults)
      : null;
    const id = this.id ? this.idOf(this.id.of(event), this.id.pointer) : null;
    return {
      event: { time, received, source, key: this.keyOf(event, null), values: this.valuesOf(event, null) },
      id,
      sentAt: this.sentAtOf(event, null),
    };
  }

  /**
   * Time, source and id come from the envelope, whatever the definition calls them; a time that it does not have may be in the data. The
   * source of a CloudEvent makes its id unique, so it is part of the id also where the stream has but one source.
   */
  private cloudEvent(envelope: JsonObject, received: number): ReadEvent {
    const data = readCloudEvent(envelope, this.faults);
    const whole = this.faults.length === 0; // else what is wrong with its source and id is said already
    const time = isAbsent(envelope.time)
      ? this.timeInData(data, envelope)
      : this.timeOf(envelope.time, ENVELOPE.time);
    const source = this.source && whole ? sourceOf(envelope.source, ENVELOPE.source, this.faults) : null;
    const id = this.id && whole ? this.idOf(envelope.id, ENVELOPE.id) : null;
    return {
      event: {
        time,
        received,
        source,
        key: this.keyOf(data, envelope),
        values: this.valuesOf(data, envelope),
      },
      id: id !== null && this.source === null ? `[${JSON.stringify(envelope.source)},${id}]` : id,
      sentAt: this.sentAtOf(data, envelope),
    };
  }

  private timeInData(data: JsonObject, envelope: JsonObject): number {
    const value = find(this.eventTime, data, envelope);
    const pointer = value === null ? ENVELOPE.time : pointerTo(this.eventTime, data, envelope);
    return this.timeOf(value, pointer);
  }

  /** @returns epoch milliseconds, 0 where it is a fault */
  private timeOf(value: unknown, pointer: string): number {
    const time = readTime(value);
    if (time === undefined)
      this.faults.push({ pointer, detail: isAbsent(value) ? 'is missing' : NOT_A_TIME });
    return time ?? 0;
  }

  private idOf(value: unknown, pointer: string): string | null {
    const detail = present(value ?? null);
    if (detail === null) return JSON.stringify(value);
    this.faults.push({ pointer, detail });
    return null;
  }

  private keyOf(data: JsonObject, envelope: JsonObject | null): string {
    let key = '[';
    for (const field of this.key) {
      const value = find(field, data, envelope);
      const detail = identity(value);
      if (detail !== null) this.fault(field, data, envelope, detail);
      else key += (key === '[' ? '' : ',') + JSON.stringify(value);
    }
    return `${key}]`;
  }

  private valuesOf(data: JsonObject, envelope: JsonObject | null): Json[] {
    const values: Json[] = [];
    for (const { field, check } of this.values) {
      const value = find(field, data, envelope);
      const detail = check(value);
      if (detail !== null) this.fault(field, data, envelope, detail);
      values.push(value === 0 ? 0 : (value as Json)); // also -0, which JSON would not keep
    }
    return values;
  }

  private sentAtOf(data: JsonObject, envelope: JsonObject | null): number | null {
    if (this.sentAt === null) return null;
    const value = find(this.sentAt, data, envelope);
    if (value === null) return null;
    const time = readTime(value);
    if (time === undefined) this.fault(this.sentAt, data, envelope, NOT_A_TIME);
    return time ?? null;
  }

  private fault(field: Field, data: JsonObject, envelope: JsonObject | null, detail: string): void {
    this.faults.push({ pointer: pointerTo(field, data, envelope), detail });
  }
}

/** What an event has in a field, null where nothing; a CloudEvent among its attributes, where its data does not have it. */
function find(field: Field, data: JsonObject, envelope: JsonObject | null): unknown {
  const value = field.of(data);
  return (value === undefined && envelope !== null ? field.of(envelope) : value) ?? null;
}

function pointerTo(field: Field, data: JsonObject, envelope: JsonObject | null): string {
  const inData = envelope !== null && field.of(data) !== undefined;
  return (inData ? ENVELOPE.data : '') + field.pointer;
}

/** What a value must be for all operators that look at its field. */
function checksOf({ windows }: StreamDefinition): Map<string, Check> {
  const checks = new Map<string, Check>();
  for (const { aggregates } of Object.values(windows))
    for (const { op, field } of Object.values(aggregates)) {
      if (field === null) continue;
      if (NUMERIC_OPS.has(op)) checks.set(field, numeric);
      else if (op === 'distinct' && checks.get(field) !== numeric) checks.set(field, scalar);
    }
  return checks;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

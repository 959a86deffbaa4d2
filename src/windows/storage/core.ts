import type { StreamDefinition } from '../engine/definition.js';
import type {
  Applied,
  ClockView,
  Counters,
  EngineEvent,
  EngineLimits,
  EngineSize,
  Json,
  Mark,
  OpenQuery,
  Refused,
  Sink,
  WindowResult,
} from '../engine/messages.js';
import type { Fault } from '../../errors.js';

/** What the storage asks of an engine. */
export interface StreamEngine {
  apply(event: EngineEvent, sink: Sink): Applied | Refused;
  mark(mark: Mark, sink: Sink): Refused | null;
  /** @returns whether anything changed */
  tick(now: number, sink: Sink): boolean;
  readonly nextWakeAt: number | null;
  readonly watermark: number;
  readonly counters: Counters;
  readonly size: EngineSize;
  readonly alarmed: boolean;
  clock(sources: number): ClockView;
  open(query: OpenQuery): WindowResult[];
  redefine(definition: StreamDefinition): void;
  /** All that it knows now, as texts without a line feed, made as they are taken. */
  snapshot(): StreamSnapshot;
}

export interface StreamSnapshot extends Iterable<string> {
  /** Whether all was taken; where it ended and is not, it is worth nothing. */
  readonly isWhole: boolean;
}

/** One element of a request, read by the stream's definition. */
export type ReadElement =
  { event: EngineEvent; id: string | null; sentAt: number | null } | { mark: Mark } | { faults: Fault[] };

export interface ElementReader {
  read(value: unknown, form: 'json' | 'cloudevents', received: number): ReadElement;
}

/** What the storage stands on: all that gives a definition and its events their meaning. */
export interface StreamCore {
  readonly limits: EngineLimits;
  create(definition: StreamDefinition): StreamEngine;
  restore(definition: StreamDefinition, parts: Iterable<string>): StreamEngine;
  readDefinition(value: unknown): { definition: StreamDefinition } | { faults: Fault[] };
  alteringChanges(before: StreamDefinition, after: StreamDefinition): string[];
  reader(definition: StreamDefinition): ElementReader;
}

/** A definition that was checked before. @throws Error when it is none after all */
export function checkedDefinition(core: StreamCore, value: Json): StreamDefinition {
  const read = core.readDefinition(value);
  if ('definition' in read) return read.definition;
  const { pointer, detail } = read.faults[0] ?? { pointer: '', detail: 'unknown' };
  throw new Error(`this is no definition of a stream: ${pointer}: ${detail}`);
}

import type { StreamDefinition } from '../engine/definition.js';
import type { ElementReader, StreamEngine } from './core.js';

/** A row of `streams`, as it is on disk or will be at the end of the entry that is being applied. */
export interface StreamState {
  id: number;
  readonly name: string;
  /** JSON text. */
  definition: string;
  readonly created: number;
  changed: number;
  nextSeq: number;
  nextEmission: number;
  duplicates: number;
  rejected: number;
}

/** A stream with its engine in memory, as far as the log tells. */
export interface LoadedStream extends StreamState {
  /** What `definition` says. */
  meaning: StreamDefinition;
  engine: StreamEngine;
  reader: ElementReader;
  /** What the log holds beyond the newest whole snapshot. */
  tail: { events: number; bytes: number };
}

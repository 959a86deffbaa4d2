import type { FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Passage } from './answer-gate.js';
import type { RequestContext } from './request-context.js';

/** A run of a model with rows of a request: milliseconds, the beginning on the monotonic clock. */
export interface TracedRun {
  /** Absent where no model ran. */
  startedAt?: number;
  /** How long the rows waited for it. */
  queue: number;
  run: number;
  /** Rows in the batch. */
  batch: number;
}

/** One request as a trace tells it. */
export interface RequestTrace {
  /** Of the trace that it is a part of: 32 hexadecimal digits. */
  readonly traceId: string;
  /** One of the runs of a request that needs many; what becomes of a request that needs one its notes tell. */
  ran(run: TracedRun): void;
  /** The answer is held back until `done`. @returns what is to be called in place of it */
  held(done: Passage): Passage;
  /** The answer is out, or its client is gone. */
  end(response: ServerResponse): void;
}

/** Begins traces. It must cost little where it takes none, and never fail. */
export interface RequestTracer {
  /** @returns null: this request is not traced */
  begin(request: FastifyRequest, context: RequestContext): RequestTrace | null;
  /** Spans that wait for the collector, and what became of the others. */
  readonly figures: Readonly<Record<'waiting' | 'sent' | 'failed' | 'dropped', number>>;
  /** Sends what waits; ends soon, whatever becomes of it. */
  close(): Promise<void>;
}

/** The dependency injection token of the tracer; null where nothing is traced. */
export const TRACER = Symbol('RequestTracer');

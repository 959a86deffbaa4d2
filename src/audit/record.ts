/** How a request ended. `rejected`: refused before its handler (limits, overload); `lost`: not a request, see `lost`. */
export type Outcome = 'ok' | 'clientError' | 'serverError' | 'aborted' | 'timeout' | 'rejected' | 'lost';

export const OUTCOMES: readonly Outcome[] = [
  'ok',
  'clientError',
  'serverError',
  'aborted',
  'timeout',
  'rejected',
  'lost',
];

/** The kind under which the journal knows entries of this module. */
export const AUDIT_REQUEST = 'audit.request';

/**
 * One request as it travels to the journal thread. A tuple, since structured cloning of named fields would cost more than
 * writing the row. Latencies are whole microseconds; `null` stands for "does not apply".
 */
export type RecordTuple = readonly [
  id: string,
  method: string,
  route: string,
  /** Null when it equals the route. */
  path: string | null,
  status: number,
  outcome: Outcome,
  problem: string | null,
  principal: string,
  source: string,
  userAgent: string,
  traceId: string | null,
  clientRequestId: string | null,
  totalUs: number,
  queueUs: number | null,
  runUs: number | null,
  model: string | null,
  version: string | null,
  digest: string | null,
  batch: number | null,
  cache: string | null,
  input: string | null,
  output: string | null,
  /** Which payloads were cut: `input`, `output`, `input,output` or null. */
  truncated: string | null,
  /** Number of records that this one stands for because they never reached the disk; null for a request. */
  lost: number | null,
  /** What is to be taken out before anything is kept; absent or null where nothing is. */
  redaction?: TupleRedaction | null,
  /** Of a request for a prediction: when the question arose, in epoch milliseconds, if the caller says so. */
  eventTime?: number | null,
  /** Of a request for a prediction: CPU microseconds that one takes now, and what a million of them cost; null: not known yet. */
  cpuUs?: number | null,
  costPerMillion?: number | null,
];

/** The payloads that it concerns travel whole, and are cut after it. */
export interface TupleRedaction {
  pointers: readonly string[];
  /** Most characters that are kept of each. */
  limit: number;
}

/** A record as the API shows it. */
export interface AuditRecord {
  id: string;
  seq: number;
  /** Arrival. */
  time: string;
  completedAt: string;
  /** Milliseconds. */
  latency: { total: number; queue: number | null; run: number | null };
  method: string;
  route: string | null;
  path: string | null;
  status: number;
  outcome: Outcome;
  problem: string | null;
  principal: string | null;
  source: string | null;
  userAgent: string | null;
  traceId: string | null;
  clientRequestId: string | null;
  model: string | null;
  version: string | null;
  digest: string | null;
  batch: number | null;
  cache: string | null;
  input?: unknown;
  output?: unknown;
  /** Names of the payloads that were cut at the size limit. */
  truncated?: string[];
  /** Names of the payloads that had values taken out by the policy. */
  redacted?: string[];
  lost?: number;
  /** What turned out to be true, the newest last. */
  outcomes?: RecordOutcome[];
  /** What was made of it in streams; of one record only, and no part of exports. */
  events?: RecordEvent[];
}

/** An event of a stream that was made of a record. */
export interface RecordEvent {
  stream: string;
  /** Its place in the stream. */
  seq: number;
  /** RFC 3339. */
  time: string;
}

/** What turned out to be true of one row of a prediction. */
export interface RecordOutcome {
  item: number;
  value: unknown;
  /** RFC 3339: when it was so, and when it was told. */
  time: string;
  recordedAt: string;
}

/** What a handler tells the record about its answer; everything else the recorder knows by itself. */
export interface AuditNotes {
  model?: string;
  version?: string;
  digest?: string;
  /** Rows in the batch that the request's rows went through the model with. */
  batch?: number;
  cache?: string;
  /** Milliseconds. */
  queue?: number;
  run?: number;
  /** When its run began, in milliseconds on the monotonic clock. */
  ranAt?: number;
  /** JSON texts. */
  input?: string;
  output?: string;
  /** Input and output are only the first of what there was. */
  partial?: boolean;
  /** Of a request for a prediction, and only of one: when the question arose, in epoch milliseconds; null: it does not say. */
  eventTime?: number | null;
}

/** The notes of one prediction: all members are there from the start, so that all notes have one shape and filling them in is cheap. */
export class PredictionNotes implements AuditNotes {
  model: string | undefined = undefined;
  version: string | undefined = undefined;
  digest: string | undefined = undefined;
  batch: number | undefined = undefined;
  cache: string | undefined = undefined;
  queue: number | undefined = undefined;
  run: number | undefined = undefined;
  ranAt: number | undefined = undefined;
  input: string | undefined = undefined;
  output: string | undefined = undefined;
  partial: boolean | undefined = undefined;
  eventTime: number | null = null;
}

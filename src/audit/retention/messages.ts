/** The kinds under which the journal knows what is asked of retention. */
export const AUDIT_HOLD = 'audit.hold';
export const AUDIT_RELEASE = 'audit.release';
export const AUDIT_ERASE = 'audit.erase';

/** The call of the journal thread that does one short step of retention's work. */
export const RETENTION_STEP = 'retention.step';

/** Most holds that are in force at once, and most erasures that are not done. */
export const MAX_HOLDS = 100;
export const MAX_ERASURES = 100;
/** Most records that one erasure names. */
export const MAX_RECORDS = 1000;

/** How long and how much is kept; 0 stands for no limit. */
export interface RetentionLimits {
  /** Milliseconds since arrival: of records, and of their payloads. */
  keep: number;
  keepPayloads: number;
  /** Bytes: of the file without its free pages, and of the payloads in it. */
  maxSize: number;
  maxPayloads: number;
}

/** Which records a hold is for: those of which all that is given is true. Times are epoch milliseconds of arrival, `to` exclusive. */
export interface HoldFilter {
  id?: string;
  model?: string;
  version?: string;
  principal?: string;
  route?: string;
  outcome?: string;
  clientRequestId?: string;
  from?: number;
  to?: number;
}

/** What is held is neither pruned nor erased. */
export interface Hold {
  id: string;
  /** Since when; epoch milliseconds. */
  time: number;
  reason: string;
  filter: HoldFilter;
}

/** What is to be erased: all records of a principal, or those named; `payloadsOnly` leaves all but input, output and outcomes. */
export interface ErasureRequest {
  id: string;
  principal?: string;
  records?: readonly string[];
  payloadsOnly: boolean;
  /** Stays on record for ever, so it must not name whom it is about. */
  reason: string | null;
}

/** `running`: records go; `sealing`: they are gone, the write-ahead log is yet to be emptied; `done`: no byte of them is left. */
export type ErasureState = 'running' | 'sealing' | 'done';

export interface Erasure {
  id: string;
  time: number;
  state: ErasureState;
  reason: string | null;
  payloadsOnly: boolean;
  /** Records gone (or their payloads), and records that a hold kept. */
  erased: number;
  held: number;
}

/** Why things go: they are too old, too many, or somebody asked for it. */
export type RemovalReason = 'age' | 'size' | 'request';

export interface RemovedCount {
  reason: RemovalReason;
  records: number;
  payloads: number;
}

export interface StepAnswer {
  /** Whether another step would find work now. */
  more: boolean;
  /** Whether it waits for a reader to end before the log can be emptied. */
  waits: boolean;
  /** The file, or its payloads, are above their cap, and all that could go is held. */
  stuck: boolean;
  /** What went in this step, if anything did. */
  removed: RemovedCount | null;
}

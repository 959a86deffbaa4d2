/** What the load processes report, and the document made of it. All times in milliseconds unless said otherwise. */

/** One round of load on one server. */
export interface Load {
  requestsPerSecond: number;
  p50: number;
  p99: number;
  /** Answers other than 2xx, broken connections, and requests without an answer. */
  failures: number;
  /** Share of one core that the load generator itself took; null where it cannot be told. */
  generatorLoad: number | null;
}

/** One round of requests that are sent when they are due, whether or not earlier ones were answered. */
export interface OpenLoad {
  offered: number;
  /** Offered, but not answered with 200. */
  lost: number;
  p50: number;
  p99: number;
  max: number;
  /** 99th percentile of the time between two looks of the generator at what is due: what it adds itself. */
  generatorLag: number;
  generatorLoad: number;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export type ServerName = 'bare' | 'strict' | 'buffered';

export interface ClosedRow {
  server: ServerName;
  requestsPerSecond: Spread;
  p50: Spread;
  p99: Spread;
  /** Requests/s over those of the bare server in the same round. */
  ratio: Spread;
  /** p50 less that of the bare server in the same round. */
  p50AboveBare: Spread;
  failures: number;
  generatorLoad: number | null;
}

export interface OpenRow {
  server: ServerName;
  offered: number;
  lost: number;
  p50: Spread;
  p99: Spread;
  max: number;
  generatorLag: Spread;
  generatorLoad: number;
}

export interface Results {
  measuredAt: string;
  /** What was typed to get these results. */
  command: string;
  machine: string;
  /** Load average of the last minute when the measuring began: on a busy machine the figures mean little. */
  loadBefore: number;
  /** Settings of Oriel that were given in the environment. */
  settings: Record<string, string>;
  closed?: {
    generator: string;
    rounds: number;
    seconds: number;
    loads: { connections: number; rows: ClosedRow[] }[];
  };
  open?: { rounds: number; seconds: number; requestsPerSecond: number; rows: OpenRow[] };
  conditional?: {
    connections: number;
    generator: string;
    rounds: number;
    seconds: number;
    bare: Spread;
    oriel: Spread;
    ratio: Spread;
  };
  bulk?: { rounds: number; rows: BulkRow[] };
  audit?: AuditResults;
  windows?: WindowsResults;
  start?: { starts: number; models: number; ready: Spread; residentMiB: Spread };
}

/** The window engine, and streams over HTTP. */
export interface WindowsResults {
  rounds: number;
  engineEvents: number;
  engine: { name: string; eventsPerSecond: Spread; results: number }[];
  ingested: number;
  ingestion: { name: string; eventsPerSecond: Spread }[];
  /** `restart`: seconds from starting the process to ready, with those windows open. */
  keys: { keys: number; residentMiB: number; idleMiB: number; openWindows: number; restart: number };
}

/** What the record costs, and what it takes to ask it. */
export interface AuditResults {
  cost: {
    connections: number;
    rounds: number;
    seconds: number;
    /** Requests/s of a server that records nothing, and in strict mode. */
    none: Spread;
    strict: Spread;
    /** The second over the first, round by round. */
    kept: Spread;
  };
  asked: {
    records: number;
    rounds: number;
    seconds: number;
    /** Predictions offered, half of what strict mode reached. */
    requestsPerSecond: number;
    rows: AskedRow[];
  };
}

/** One question that was asked of the record again and again while predictions came. */
export interface AskedRow {
  name: string;
  asked: number;
  p50: number;
  p99: number;
  /** Of an export. */
  rowsPerSecond: Spread | null;
  /** Of the predictions meanwhile. */
  predictionsP99: Spread;
  lost: number;
}

/** Rows in one bulk request. */
export const ROWS = 10_000;

/** One bulk request. */
export interface BulkLoad {
  rows: number;
  seconds: number;
  /** Length of the answer. */
  answer: number;
}

export interface BulkRow {
  name: string;
  rows: number;
  rowsPerSecond: Spread;
  /** Rows/s over those of the script in the same round. */
  ratio: Spread;
}

export function bulkRow(name: string, rounds: readonly BulkLoad[], script: readonly BulkLoad[]): BulkRow {
  const speed = ({ rows, seconds }: BulkLoad): number => rows / seconds;
  return {
    name,
    rows: rounds[0]?.rows ?? 0,
    rowsPerSecond: spread(rounds.map(speed)),
    ratio: spread(
      rounds.flatMap((load, round) => (script[round] ? [speed(load) / speed(script[round])] : [])),
    ),
  };
}

/** @param share from 0 to 1 @returns NaN of none */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** Compares the rounds of one server with those of the bare one, round by round: what disturbs a round disturbs both. */
export function closedRow(server: ServerName, rounds: readonly Load[], bare: readonly Load[]): ClosedRow {
  const against = (compare: (load: Load, bare: Load) => number): Spread =>
    spread(
      rounds.flatMap((load, round) => {
        const other = bare[round];
        return other ? [compare(load, other)] : [];
      }),
    );
  const loads = rounds.flatMap((load) => (load.generatorLoad === null ? [] : [load.generatorLoad]));
  return {
    server,
    requestsPerSecond: spread(rounds.map((load) => load.requestsPerSecond)),
    p50: spread(rounds.map((load) => load.p50)),
    p99: spread(rounds.map((load) => load.p99)),
    ratio: against((load, other) => load.requestsPerSecond / other.requestsPerSecond),
    p50AboveBare: against((load, other) => load.p50 - other.p50),
    failures: rounds.reduce((sum, load) => sum + load.failures, 0),
    generatorLoad: loads.length > 0 ? spread(loads).median : null,
  };
}

export function openRow(server: ServerName, rounds: readonly OpenLoad[]): OpenRow {
  return {
    server,
    offered: rounds.reduce((sum, load) => sum + load.offered, 0),
    lost: rounds.reduce((sum, load) => sum + load.lost, 0),
    p50: spread(rounds.map((load) => load.p50)),
    p99: spread(rounds.map((load) => load.p99)),
    max: Math.max(...rounds.map((load) => load.max)),
    generatorLag: spread(rounds.map((load) => load.generatorLag)),
    generatorLoad: spread(rounds.map((load) => load.generatorLoad)).median,
  };
}

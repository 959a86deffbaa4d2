/** What is looked at of a server from outside while it is under load, and whether it stayed flat. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What was so at one moment, and since the moment before. */
export interface Sample {
  /** Seconds since the load began. */
  at: number;
  /** Resident memory, and the data folder, in MiB. */
  memory: number;
  disk: number;
  /** Open file descriptors, and threads. */
  files: number;
  threads: number;
  /** Answers a second, and their latency in milliseconds. */
  answers: number;
  p50: number;
  p99: number;
  /** Events a second that were acknowledged. */
  events: number;
  /** Answers that were not what they should be, and requests without one. */
  errors: number;
}

const MIB = 2 ** 20;

/** What the system says of a process. Linux only. */
export function lookAt(pid: number, data: string): Pick<Sample, 'memory' | 'disk' | 'files' | 'threads'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
  return {
    memory: field('VmRSS') / 1024,
    threads: field('Threads'),
    files: readdirSync(`/proc/${pid}/fd`).length,
    disk: sizeOf(data) / MIB,
  };
}

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder))
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

/** The line that lies nearest to points (least squares). */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  const across = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  const along = points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
  return along === 0 ? 0 : across / along;
}

export interface Verdict {
  minutes: number;
  answers: number;
  events: number;
  errors: number;
  /** Of the second half, in MiB and descriptors an hour, by the line that lies nearest. */
  memoryAnHour: number;
  filesAnHour: number;
  memoryMost: number;
  p99Median: number;
}

const HOUR = 3600;

/** The first half is the start: caches fill, code is compiled, and the record has not yet its length. */
export function verdictOf(samples: readonly Sample[], seconds: number): Verdict {
  const later = samples.slice(Math.floor(samples.length / 2));
  const anHour = (of: (sample: Sample) => number): number =>
    slopeOf(later.map((sample) => [sample.at, of(sample)] as const)) * HOUR;
  const total = (of: (sample: Sample) => number): number =>
    Math.round(samples.reduce((sum, sample) => sum + of(sample), 0) * seconds);
  const sorted = samples.map(({ p99 }) => p99).sort((a, b) => a - b);
  const last = samples.at(-1);
  return {
    minutes: Math.round((last?.at ?? 0) / 60),
    answers: total(({ answers }) => answers),
    events: total(({ events }) => events),
    errors: samples.reduce((sum, { errors }) => sum + errors, 0),
    memoryAnHour: anHour(({ memory }) => memory),
    filesAnHour: anHour(({ files }) => files),
    memoryMost: Math.max(...samples.map(({ memory }) => memory)),
    p99Median: sorted[Math.floor(sorted.length / 2)] ?? NaN,
  };
}

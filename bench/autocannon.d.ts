/** The part of autocannon that the benchmark uses; the package brings no types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Options {
    url: string;
    method: string;
    headers: Record<string, string>;
    body?: string;
    connections: number;
    /** Seconds. */
    duration: number;
    /** Milliseconds between samples; the run ends at a sample. */
    sampleInt: number;
  }

  interface Result {
    '2xx': number;
    '3xx': number;
    non2xx: number;
    requests: { sent: number };
    /** Connections that failed, and requests without an answer in 10 s. */
    errors: number;
    /** Seconds it took. */
    duration: number;
  }

  export default function autocannon(
    options: Options,
    done: (error: Error | null, result: Result) => void,
  ): EventEmitter;
}

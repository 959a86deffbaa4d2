/** The closed-loop load generator, a process of its own: every connection sends its next request when it has its answer. */
import { createHistogram } from 'node:perf_hooks';
import autocannon, { type Result } from 'autocannon';
import type { Load } from './measured.js';
import { BODY, PATH } from './question.js';

export interface ClosedJob {
  address: string;
  connections: number;
  seconds: number;
  /** A GET that has the answer already, in place of the question. */
  conditional?: { path: string; tag: string };
}

const SAMPLE = 100;

function drive(job: ClosedJob): Promise<Load> {
  const { conditional } = job;
  const good = (result: Result): number => (conditional ? result['3xx'] : result['2xx']);
  const latencies = createHistogram(); // autocannon's own has whole milliseconds only
  const before = process.cpuUsage();
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const running = autocannon(
      {
        url: `${job.address}${conditional?.path ?? PATH}`,
        ...(conditional
          ? { method: 'GET', headers: { 'if-none-match': conditional.tag } }
          : { method: 'POST', headers: { 'content-type': 'application/json' }, body: BODY }),
        connections: job.connections,
        duration: job.seconds,
        sampleInt: SAMPLE,
      },
      (error, result) => {
        if (error) {
          reject(error);
          return;
        }
        const used = process.cpuUsage(before);
        resolve({
          requestsPerSecond: good(result) / result.duration,
          p50: latencies.percentile(50) / 1000,
          p99: latencies.percentile(99) / 1000,
          failures: failures(result, good(result), job.connections),
          generatorLoad: (used.user + used.system) / 1000 / (performance.now() - begin),
        });
      },
    );
    running.on('response', (_client: unknown, _status: number, _bytes: number, milliseconds: number) => {
      latencies.record(Math.max(1, Math.round(milliseconds * 1000)));
    });
  });
}

/** A connection that the server closes is no error to autocannon, so what stays unanswered is counted here. */
function failures(result: Result, good: number, underWay: number): number {
  const others = result['2xx'] + result.non2xx - good;
  const unanswered = result.requests.sent - good - others - underWay;
  return others + Math.max(result.errors, unanswered, 0);
}

process.on('message', (job: ClosedJob) => {
  drive(job).then(
    (load) => process.send?.(load),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

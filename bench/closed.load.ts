/** The closed-loop load generator, a process of its own: every connection sends its next request when it has its answer. */
import { createHistogram } from 'node:perf_hooks';
import autocannon, { type Result } from 'autocannon';
import type { Load } from './measured.js';
import { BODY, PATH } from './question.js';

export interface ClosedJob {
  address: string;
  connections: number;
  seconds: number;
}

const SAMPLE = 100;

function drive(job: ClosedJob): Promise<Load> {
  const latencies = createHistogram(); // autocannon's own has whole milliseconds only
  const before = process.cpuUsage();
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const running = autocannon(
      {
        url: `${job.address}${PATH}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: BODY,
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
          requestsPerSecond: result['2xx'] / result.duration,
          p50: latencies.percentile(50) / 1000,
          p99: latencies.percentile(99) / 1000,
          failures: failures(result, job.connections),
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
function failures(result: Result, underWay: number): number {
  const unanswered = result.requests.sent - result['2xx'] - result.non2xx - underWay;
  return result.non2xx + Math.max(result.errors, unanswered, 0);
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

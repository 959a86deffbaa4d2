/** wrk as the load generator: written in C, it leaves more of the machine to the servers than autocannon does. */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClosedJob } from './closed.load.js';
import type { Load } from './measured.js';
import { BODY, PATH } from './question.js';
import { temporaryFolder } from './servers.js';

const run = promisify(execFile);

/** Latencies are in microseconds there. */
const SCRIPT = `
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[${BODY}]==]
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"failures":%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout + e.status))
end
`;

interface Summary {
  requests: number;
  micros: number;
  p50: number;
  p99: number;
  failures: number;
}

export function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'; // it answers --version with exit code 1
  }
}

export class Wrk {
  private readonly script = join(temporaryFolder(), 'post.lua');

  constructor() {
    writeFileSync(this.script, SCRIPT);
  }

  async run(job: ClosedJob): Promise<Load> {
    const { stdout } = await run('wrk', [
      '-t1',
      `-c${job.connections}`,
      `-d${job.seconds}s`,
      '--timeout',
      '10s',
      '-s',
      this.script,
      `${job.address}${PATH}`,
    ]);
    const line = stdout.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`wrk answered without a summary:\n${stdout}`);
    const summary = JSON.parse(line) as Summary;
    return {
      requestsPerSecond: (summary.requests - summary.failures) / (summary.micros / 1e6),
      p50: summary.p50 / 1000,
      p99: summary.p99 / 1000,
      failures: summary.failures,
      generatorLoad: null,
    };
  }

  stop(): void {
    // each round was a process of its own
  }
}

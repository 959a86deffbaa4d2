import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { addBusy, quantile, roundsFor } from '../busy.js';
import { ask } from '../client.js';
import { Server, temporaryFolder } from '../server.js';

const RUN_MS = 20;
const TIMES_CAPACITY = 4;
const LASTS_MS = 5000;
const PATIENCE_MS = 500;

interface Seen {
  status: number;
  ms: number;
  code: unknown;
  retryAfter: number;
}

test('at four times what a model can do, what is accepted is answered in time and the rest is refused at once', async () => {
  const models = temporaryFolder();
  addBusy(models, { maxRows: 1 });
  const server = await Server.start({
    ORIEL_MODELS: models,
    ORIEL_DATA: temporaryFolder(),
    ORIEL_INFERENCE_THREADS: '1',
  });
  const { rounds, run } = await roundsFor(server, RUN_MS);
  const agent = new Agent({ keepAlive: true });
  const one = async (): Promise<Seen> => {
    const from = performance.now();
    const reply = await ask(server, '/v1/models/busy/predict', {
      body: { rounds },
      headers: { 'request-timeout': `${PATIENCE_MS}ms` },
      agent,
    });
    const { code } = reply.json as { code?: string };
    const retryAfter = Number(reply.headers['retry-after']);
    return { status: reply.status, ms: performance.now() - from, code, retryAfter };
  };

  const before = memoryOf(server);
  const questions: Promise<Seen>[] = [];
  const start = performance.now();
  while (performance.now() - start < LASTS_MS) {
    const due = ((performance.now() - start) / run) * TIMES_CAPACITY;
    while (questions.length < due) questions.push(one());
    await new Promise((wake) => setTimeout(wake, 2));
  }
  const seen = await Promise.all(questions);
  const after = memoryOf(server);
  agent.destroy();

  const accepted = seen.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = seen.filter(({ status }) => status !== 200);
  expect(accepted.length).toBeGreaterThan(seen.length / TIMES_CAPACITY / 3);
  expect(refused.length).toBeGreaterThan(seen.length / TIMES_CAPACITY);
  expect(new Set(refused.map(({ status, code }) => `${status} ${String(code)}`))).toEqual(
    new Set(['503 deadline-exceeded']),
  );
  expect(refused.every(({ retryAfter }) => retryAfter >= 1)).toBe(true);
  // Machines differ: these bounds tell the right order of magnitude and no more.
  expect(quantile(accepted, 0.99)).toBeLessThan(PATIENCE_MS + 10 * run + 300);
  const refusals = refused.map(({ ms }) => ms);
  expect(quantile(refusals, 0.9)).toBeLessThan(PATIENCE_MS / 2);
  expect(after - before).toBeLessThan(150);
});

/** Resident memory of the server, in MiB. */
function memoryOf(server: Server): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

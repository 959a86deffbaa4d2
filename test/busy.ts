/** A model that takes as long as a test wants. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, recordOf } from './client.js';
import { PROJECT, type Server } from './server.js';

const LOAD = join(PROJECT, 'test/fixtures/load');

/** Puts the model `busy` into a models directory. @param batching as in its `model.json` */
export function addBusy(models: string, batching: object = {}): void {
  cpSync(join(LOAD, 'busy'), join(models, 'busy'), { recursive: true });
  writeFileSync(join(models, 'busy/model.json'), JSON.stringify({ features: ['rounds'], batching }));
}

/** Puts the model `light` into a models directory: it answers three times its two columns at once. */
export function addLight(models: string): void {
  mkdirSync(join(models, 'light/1'), { recursive: true });
  cpSync(join(LOAD, 'triples.onnx'), join(models, 'light/1/model.onnx'));
}

/** How many rounds make `busy` run for about `ms` on this machine now, and what it took in fact. */
export async function roundsFor(server: Server, ms: number): Promise<{ rounds: number; run: number }> {
  let rounds = 100;
  let run = await runOf(server, rounds);
  for (let attempt = 0; attempt < 3; attempt++) {
    rounds = Math.max(1, Math.round((rounds * ms) / run));
    run = await runOf(server, rounds);
  }
  return { rounds, run };
}

/** The middle of five runs, in milliseconds. */
async function runOf(server: Server, rounds: number): Promise<number> {
  const runs: number[] = [];
  for (let n = 0; n < 5; n++) {
    const reply = await ask(server, '/v1/models/busy/predict', { body: { rounds } });
    const { latency } = (await recordOf(server, reply)) as unknown as { latency: { run: number } };
    runs.push(latency.run);
  }
  return quantile(runs, 0.5);
}

/** @param q from 0 to 1 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** Has a running server load hostile model files, and asks a good model between them. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { HOUSE, PREDICT } from '../houses.js';
import { residentMiB, send, type AttackFigures } from './campaign.js';
import { faultOf } from './judge.js';
import { hostileModels } from './model-files.js';
import type { FuzzTarget } from './target.js';

const CHUNK = 100;
/** What may be asked for while a load goes on; longer would be a blocked server. */
const LONGEST_PREDICTION_MS = 5000;

export interface ModelFigures extends AttackFigures {
  /** Files that took the process that tried them down with them. */
  crashes: number;
  /** Files that were given up for their time or their memory. */
  bounded: number;
  mostMiB: number;
}

export interface ModelFault {
  what: string;
  file: Buffer;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Loads `inputs` files, one after the other, under one name. @param seed gives the same files again */
export async function runModels(
  target: FuzzTarget,
  inputs: number,
  seed: number,
): Promise<{ figures: ModelFigures; faults: ModelFault[] }> {
  const agent = new Agent({ keepAlive: true });
  const folder = join(target.models, 'hostile/1');
  const figures: ModelFigures = { attack: 'model files', inputs: 0, taken: 0, refused: 0, busy: 0, failed: 0, faults: 0, longestMs: 0, crashes: 0, bounded: 0, mostMiB: 0 }; // prettier-ignore
  const faults: ModelFault[] = [];
  mkdirSync(folder, { recursive: true });
  for (let from = 0; from < inputs; from += CHUNK) {
    const own = createHash('sha256').update(`${seed} models ${from}`).digest().readInt32LE(0);
    for (const file of fc.sample(hostileModels, { seed: own, numRuns: Math.min(CHUNK, inputs - from) })) {
      const what = await loadOne(target, agent, join(folder, 'model.onnx'), file, figures);
      if (what === undefined) continue;
      figures.faults++;
      faults.push({ what, file });
      if (target.end !== undefined) return { figures, faults };
    }
    figures.mostMiB = Math.max(figures.mostMiB, residentMiB(target.pid));
  }
  agent.destroy();
  rmSync(join(target.models, 'hostile'), { recursive: true });
  return { figures: { ...figures, longestMs: Math.round(figures.longestMs) }, faults };
}

/** @returns what was wrong */
async function loadOne(
  target: FuzzTarget,
  agent: Agent,
  path: string,
  file: Buffer,
  figures: ModelFigures,
): Promise<string | undefined> {
  writeFileSync(path, file);
  figures.inputs++;
  const from = performance.now();
  try {
    const loading = send(target.port, agent, {
      method: 'POST',
      path: '/v2/repository/models/hostile/load',
      headers: JSON_TYPE,
      body: Buffer.from('{}'),
    });
    const asked = performance.now();
    const good = await send(target.port, agent, {
      method: 'POST',
      path: PREDICT,
      headers: JSON_TYPE,
      body: Buffer.from(JSON.stringify(HOUSE)),
    });
    const waited = performance.now() - asked;
    const answer = await loading;
    figures.longestMs = Math.max(figures.longestMs, performance.now() - from);
    const text = answer.bytes.toString();
    if (answer.status < 400) figures.taken++;
    else figures.refused++;
    if (/The runtime crashed/.test(text)) figures.crashes++;
    if (/ORIEL_LOAD_TIMEOUT|memory/.test(text)) figures.bounded++;
    if (/its log says why/.test(text)) return `not blamed on the model: ${text.slice(0, 300)}`;
    if (good.status !== 200) return `a good model answered ${good.status}`;
    if (waited > LONGEST_PREDICTION_MS) return `a good model answered after ${Math.round(waited)} ms`;
    return faultOf('POST', answer);
  } catch (error) {
    return `no answer: ${String(error)}; ${target.end ?? 'the server runs'}`;
  }
}

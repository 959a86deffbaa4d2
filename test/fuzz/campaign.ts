/** Sends attacks to a running server over several connections that stay open, and judges every answer. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { faultOf, type Answer } from './judge.js';
import { ATTACKS, type FuzzRequest } from './requests.js';

/** Connections at once. */
const CONNECTIONS = 8;
/** Inputs that are made at a time: all that come of one seed. */
const CHUNK = 200;
const LONGEST_MS = 60_000;

export interface AttackFigures {
  attack: string;
  inputs: number;
  /** Answers of 2xx, and of 4xx. */
  taken: number;
  refused: number;
  /** Answers of 503 for a reason that is documented. */
  busy: number;
  /** Answers of 5xx for any other reason. */
  failed: number;
  /** Answers that are not what they must be, those of 5xx among them. */
  faults: number;
  longestMs: number;
}

export interface Fault {
  attack: string;
  what: string;
  request: FuzzRequest;
}

export interface Target {
  port: number;
  pid: number;
}

/** Runs `inputs` inputs of one attack. @param seed gives the same inputs again */
export async function runAttack(
  target: Target,
  attack: string,
  inputs: number,
  seed: number,
): Promise<{ figures: AttackFigures; faults: Fault[] }> {
  const arbitrary = ATTACKS[attack];
  if (!arbitrary) throw new Error(`there is no attack ${attack}`);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const figures: AttackFigures = {
    attack,
    inputs: 0,
    taken: 0,
    refused: 0,
    busy: 0,
    failed: 0,
    faults: 0,
    longestMs: 0,
  };
  const faults: Fault[] = [];
  for (let from = 0; from < inputs; from += CHUNK) {
    const own = createHash('sha256').update(`${seed} ${attack} ${from}`).digest().readInt32LE(0);
    const some = fc.sample(arbitrary, { seed: own, numRuns: Math.min(CHUNK, inputs - from) });
    const waiting = some.values();
    const work = async (): Promise<void> => {
      for (const one of waiting) await attackOnce(target, agent, one, figures, faults);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
    const live = await send(target.port, agent, { method: 'GET', path: '/health/live', headers: {} });
    if (live.status !== 200) throw new Error(`after ${attack} the probe says ${live.status}`);
  }
  agent.destroy();
  return { figures: { ...figures, longestMs: Math.round(figures.longestMs) }, faults };
}

async function attackOnce(
  target: Target,
  agent: Agent,
  one: FuzzRequest,
  figures: AttackFigures,
  faults: Fault[],
): Promise<void> {
  const from = performance.now();
  let what: string | undefined;
  let status = 0;
  try {
    const answer = await send(target.port, agent, one);
    status = answer.status;
    what = faultOf(one.method, answer);
  } catch (error) {
    what = `no answer: ${String(error)}`;
  }
  figures.inputs++;
  figures.longestMs = Math.max(figures.longestMs, performance.now() - from);
  if (status >= 200 && status < 400) figures.taken++;
  else if (status >= 400 && status < 500) figures.refused++;
  else if (status === 503 && what === undefined) figures.busy++;
  else if (status >= 500) figures.failed++;
  if (what === undefined) return;
  figures.faults++;
  faults.push({ attack: figures.attack, what, request: one });
}

/** Sends one request and reads what comes of it. */
export function send(
  port: number,
  agent: Agent,
  { method, path, headers, body }: FuzzRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length: Record<string, string> =
      body === undefined ? {} : { 'content-length': String(body.length) };
    const outgoing = request(
      { host: '127.0.0.1', port, method, path, agent, headers: { ...headers, ...length } },
      (incoming) => {
        const chunks: Buffer[] = [];
        const done = (): void =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            bytes: Buffer.concat(chunks),
            cut: !incoming.complete,
          });
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('close', done);
        incoming.on('error', () => undefined); // it broke off: `complete` says so
        // A stream of events has no end.
        if (incoming.headers['content-type']?.startsWith('text/event-stream')) outgoing.destroy();
      },
    );
    outgoing.setTimeout(LONGEST_MS, () => outgoing.destroy(new Error(`nothing within ${LONGEST_MS} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Resident memory of a process in MiB, as Linux tells it. */
export function residentMiB(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}

/** What the attacks on events and their windows need to be there. */
export const CARS: FuzzRequest = {
  method: 'PUT',
  path: '/v1/streams/cars',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({
      key: ['car'], source: 'device', id: 'id', eventTime: 'time', lateness: '30s',
      watermark: { type: 'bounded', bound: '5s', idleAfter: '1m' },
      windows: { minute: { type: 'tumbling', size: '1m', aggregates: { n: { op: 'count' }, avg: { op: 'mean', field: 'speed' } } } },
    }),
  ),
}; // prettier-ignore

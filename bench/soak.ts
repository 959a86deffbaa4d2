/**
 * `npm run soak`: an hour of mixed traffic at half of what the server can do, with a model that is swapped every minute and a record that
 * is pruned as it grows. Memory and descriptors must stay flat, and no answer may be other than it should. Writes docs/soak.json and
 * docs/soak.svg.
 */
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClosedJob } from './closed.load.js';
import type { Load } from './measured.js';
import { Generator, ROOT, startOriel, temporaryFolder, type Server } from './servers.js';
import { plot } from './soak/plot.js';
import { lookAt, verdictOf, type Sample, type Verdict } from './soak/samples.js';
import { STREAM, STREAM_DEFINITION } from './soak/traffic.js';
import type { Told, TrafficJob } from './soak/traffic.load.js';

const SAMPLE_SECONDS = 10;
const SWAP_MS = 60_000;
/** How long the full load is measured that half of is taken, and on how many connections. */
const FULL_SECONDS = 10;
const FULL_CONNECTIONS = 64;
/** Records are kept for so long, so that the file has its length before the first half is over. */
const KEEP = '10m';

export interface Soak {
  machine: string;
  node: string;
  requestsPerSecond: number;
  verdict: Verdict;
  samples: Sample[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      rate: { type: 'string' },
      out: { type: 'string', default: join(ROOT, 'docs') },
    },
  });
  process.env.ORIEL_AUDIT_KEEP ??= KEEP;
  const rate = Number(values.rate ?? (await halfOfFull()));
  const [models, data] = [modelsFolder(), temporaryFolder()];
  const server = await startOriel('strict', { models, data });
  const swapping = setInterval(() => swap(models), SWAP_MS);
  try {
    await defineStream(server);
    const samples = await soak(server, data, rate, Number(values.minutes) * 60);
    const verdict = verdictOf(samples, SAMPLE_SECONDS);
    const [cpu] = cpus();
    const result: Soak = { machine: `${cpu?.model ?? 'unknown'}, ${cpus().length} CPUs`, node: process.version, requestsPerSecond: rate, verdict, samples }; // prettier-ignore
    writeFileSync(join(values.out, 'soak.json'), `${JSON.stringify(result)}\n`);
    writeFileSync(join(values.out, 'soak.svg'), plot(result));
    process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
    if (verdict.errors > 0) process.exitCode = 1;
  } finally {
    clearInterval(swapping);
    await server.stop();
  }
}

async function halfOfFull(): Promise<number> {
  const server = await startOriel('strict');
  const generator = new Generator<ClosedJob, Load>('closed.load.ts');
  const job = { address: server.address, connections: FULL_CONNECTIONS };
  await generator.run({ ...job, seconds: FULL_SECONDS / 2 });
  const full = await generator.run({ ...job, seconds: FULL_SECONDS });
  generator.stop();
  await server.stop();
  return Math.round(full.requestsPerSecond / 2);
}

/** The model that comes with Oriel, one for tensors, and one that is swapped. */
function modelsFolder(): string {
  const models = temporaryFolder();
  cpSync(join(ROOT, 'models'), models, { recursive: true });
  cpSync(join(ROOT, 'test/fixtures/models/same-fp32'), join(models, 'same-fp32'), { recursive: true });
  mkdirSync(join(models, 'triples'));
  swap(models);
  return models;
}

let version = 0;

/** Puts another file in the place of a version, whole. Its bytes differ by what a reader of the format skips: an unknown field. */
function swap(models: string): void {
  const place = join(models, 'triples', 'model.onnx');
  const draft = join(models, 'triples', 'draft');
  const model = readFileSync(join(ROOT, 'test/fixtures/load/triples.onnx'));
  const note = Buffer.from(`swap ${++version}`);
  // Field 19 of ModelProto is not used; wire type 2: its length, then its bytes.
  writeFileSync(draft, Buffer.concat([model, Buffer.from([0x9a, 0x01, note.length]), note]));
  renameSync(draft, place);
}

async function defineStream({ address }: Server): Promise<void> {
  const answer = await fetch(`${address}/v1/streams/${STREAM}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(STREAM_DEFINITION),
  });
  if (!answer.ok) throw new Error(`the stream was not taken: ${answer.status} ${await answer.text()}`);
}

async function soak(
  { address, pid }: Server,
  data: string,
  rate: number,
  seconds: number,
): Promise<Sample[]> {
  const traffic = new Generator<TrafficJob | { tell: true }, Told>('soak/traffic.load.ts');
  await traffic.run({ address, requestsPerSecond: rate });
  const samples: Sample[] = [];
  const begin = performance.now();
  for (let n = 1; n * SAMPLE_SECONDS <= seconds; n++) {
    await new Promise((wake) => setTimeout(wake, begin + n * SAMPLE_SECONDS * 1000 - performance.now()));
    const { answers, events, errors, p50, p99, examples } = await traffic.run({ tell: true });
    samples.push({
      at: n * SAMPLE_SECONDS, ...lookAt(pid, data), p50, p99, errors,
      answers: answers / SAMPLE_SECONDS, events: events / SAMPLE_SECONDS,
    }); // prettier-ignore
    for (const example of examples) process.stderr.write(`${n * SAMPLE_SECONDS} s: ${example}\n`);
    if (n % 6 === 0) process.stderr.write(`${n / 6} min: ${JSON.stringify(samples.at(-1))}\n`);
  }
  traffic.stop();
  return samples;
}

await main();

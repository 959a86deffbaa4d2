/**
 * What the record costs, and whether it can be asked while predictions go on. Two questions, in one run: strict mode against a server
 * that records nothing; and pages, counts and an export of a seeded record, one after another, while predictions come at half of what
 * the server can do, against the same load with nobody asking.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { seed } from '../scripts/seed/seed.js';
import type { ClosedJob } from './closed.load.js';
import {
  percentile,
  spread,
  type AskedRow,
  type AuditResults,
  type Load,
  type OpenLoad,
} from './measured.js';
import type { OpenJob } from './open.load.js';
import type { Options } from './options.js';
import { Generator, startOriel, temporaryFolder, type Server } from './servers.js';

type Tell = (line: string) => void;

const CONNECTIONS = 64;
const DAY = 86_400_000;
const HOUR = 3_600_000;
const DAYS = 30;
const BATCH = 500;
const MODEL = 'boston-housing';
const NOTHING = { rules: [{ level: 'none' }] };

export async function measureAudit(options: Options, tell: Tell): Promise<AuditResults> {
  tell('audit: strict against nothing recorded');
  const cost = await measureCost(options, tell);
  const data = options.data ?? (await seeded(options.records, tell));
  const server = await startOriel('strict', { data });
  try {
    return { cost, asked: await measureAsked(options, server, cost.strict.median / 2, tell) };
  } finally {
    await server.stop();
  }
}

async function measureCost({ rounds, seconds }: Options, tell: Tell): Promise<AuditResults['cost']> {
  const policy = join(temporaryFolder(), 'policy.json');
  writeFileSync(policy, JSON.stringify(NOTHING));
  const servers = [await startOriel('strict', { policy }), await startOriel('strict')];
  const generator = new Generator<ClosedJob, Load>('closed.load.ts');
  const rates: number[][] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { address }] of servers.entries()) {
      const load = await generator.run({ address, connections: CONNECTIONS, seconds });
      if (load.failures > 0) throw new Error(`${load.failures} predictions failed`);
      if (round > 0) rates[index]?.push(load.requestsPerSecond); // the first warms up
    }
    if (round > 0) tell(`  round ${round} of ${rounds}`);
  }
  generator.stop();
  for (const server of servers) await server.stop();
  const [none = [], strict = []] = rates;
  const kept = strict.map((rate, round) => rate / (none[round] ?? NaN));
  return {
    connections: CONNECTIONS,
    rounds,
    seconds,
    none: spread(none),
    strict: spread(strict),
    kept: spread(kept),
  };
}

async function seeded(records: number, tell: Tell): Promise<string> {
  const data = temporaryFolder();
  tell(`  seeding ${records} records`);
  const to = Date.now();
  await seed(data, { records, from: to - DAYS * DAY, to, seed: 1 }, BATCH);
  return data;
}

/** What is asked of the record again and again as long as a round lasts. */
interface Question {
  name: string;
  ask: (address: string) => Promise<{ rows: number }>;
}

async function measureAsked(
  { rounds, seconds }: Options,
  { address }: Server,
  rate: number,
  tell: Tell,
): Promise<AuditResults['asked']> {
  const requestsPerSecond = Math.max(1, Math.round(rate));
  tell(`  the record is asked while ${requestsPerSecond} predictions come in a second`);
  const { first, last } = await spanOf(address);
  const questions: Question[] = [
    { name: 'nothing', ask: () => Promise.resolve({ rows: 0 }) },
    { name: 'page of 100, model and an hour', ask: (at) => page(at, first, last) },
    { name: 'stats of a day', ask: (at) => stats(at, first, last) },
    ...(['ndjson', 'csv', 'parquet'] as const).map((format) => ({
      name: `export, ${format}`,
      ask: (at: string) => exported(at, format),
    })),
  ];
  const generator = new Generator<OpenJob, OpenLoad>('open.load.ts');
  const measured = questions.map((): { loads: OpenLoad[]; took: number[]; rates: number[] } => ({ loads: [], took: [], rates: [] })); // prettier-ignore
  for (let round = 0; round <= rounds; round++) {
    for (const [index, question] of questions.entries()) {
      const load = generator.run({ address, requestsPerSecond, seconds });
      const { took, rates } = await askFor(question, address, seconds);
      const measure = measured[index];
      const under = await load;
      if (round === 0 || !measure) continue; // the first warms up
      measure.loads.push(under);
      measure.took.push(...took);
      measure.rates.push(...rates);
      tell(`  round ${round} of ${rounds}, ${question.name}: predictions p99 ${under.p99.toFixed(2)} ms`);
    }
  }
  generator.stop();
  const rows = questions.map(({ name }, index): AskedRow => {
    const { loads, took, rates } = measured[index] as (typeof measured)[number];
    return {
      name, asked: took.length, p50: percentile(took, 0.5), p99: percentile(took, 0.99),
      rowsPerSecond: rates.length > 0 ? spread(rates) : null,
      predictionsP99: spread(loads.map(({ p99 }) => p99)), lost: loads.reduce((sum, { lost }) => sum + lost, 0),
    }; // prettier-ignore
  });
  return { records: await countOf(address), rounds, seconds, requestsPerSecond, rows };
}

async function askFor(
  { ask, name }: Question,
  address: string,
  seconds: number,
): Promise<{ took: number[]; rates: number[] }> {
  const took: number[] = [];
  const rates: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (name !== 'nothing' && performance.now() < end) {
    const begin = performance.now();
    const { rows } = await ask(address);
    const ms = performance.now() - begin;
    took.push(ms);
    if (rows > 0) rates.push((rows / ms) * 1000);
  }
  return { took, rates };
}

async function page(address: string, first: number, last: number): Promise<{ rows: number }> {
  const from = Math.floor(first + Math.random() * Math.max(0, last - first - HOUR));
  await get(`${address}/v1/audit/requests?model=${MODEL}&from=${from}&to=${from + HOUR}&limit=100`);
  return { rows: 0 };
}

async function stats(address: string, first: number, last: number): Promise<{ rows: number }> {
  const from = Math.floor(first + Math.random() * Math.max(0, last - first - DAY));
  await get(`${address}/v1/audit/stats?by=model,status&every=1h&from=${from}&to=${from + DAY}`);
  return { rows: 0 };
}

/** Of at most so many records that it ends in time. */
async function exported(address: string, format: string): Promise<{ rows: number }> {
  const rows = Math.min(EXPORTED, await countOf(address));
  await passed(`${address}/v1/audit/export?format=${format}&from=1&to=${rows + 1}`);
  return { rows };
}

/** Asks, and lets the answer go by. Not by `fetch`, whose streams take as long to read an export as the server to write it. */
async function passed(url: string): Promise<void> {
  const [answer] = (await once(request(url).end(), 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
  answer.resume();
  await once(answer, 'end');
}

/** Most records of one export. */
const EXPORTED = 500_000;

async function get(url: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function newest(address: string, order: string): Promise<{ seq: number; time: string }> {
  const body = await get(`${address}/v1/audit/requests?limit=1&order=${encodeURIComponent(order)}`);
  const { items } = JSON.parse(body.toString()) as { items: { seq: number; time: string }[] };
  if (!items[0]) throw new Error('there is nothing on record to ask for');
  return items[0];
}

async function spanOf(address: string): Promise<{ first: number; last: number }> {
  const [first, last] = [await newest(address, 'time asc'), await newest(address, 'time desc')];
  return { first: Date.parse(first.time), last: Date.parse(last.time) };
}

async function countOf(address: string): Promise<number> {
  return (await newest(address, 'time desc')).seq;
}

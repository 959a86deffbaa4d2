/**
 * `npm run bench`: Oriel against a bare server that does the same reading and writing and nothing else. Rounds are
 * interleaved (bare, strict, buffered, bare, …), so that a ratio compares neighbours on the same machine in the same minute.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { measureAudit } from './audit.js';
import { measureBulk } from './bulk.js';
import type { ClosedJob } from './closed.load.js';
import { HOUSE, queryOf } from '../test/houses.js';
import { usableCpus } from '../src/config/cpus.js';
import { closedRow, openRow, type Load, type OpenLoad, type Results, type ServerName } from './measured.js';
import type { OpenJob } from './open.load.js';
import { readOptions, USAGE, type Options } from './options.js';
import { askOnce, PATH } from './question.js';
import { plain } from './report.js';
import { Generator, givenSettings, startBare, startOriel, type Server } from './servers.js';
import { measureStarts } from './start.js';
import { measureWindows } from './windows/windows.js';
import { hasWrk, Wrk } from './wrk.js';

type Servers = Record<ServerName, Server>;
const ORDER: readonly ServerName[] = ['bare', 'strict', 'buffered'];

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function startAll(): Promise<Servers> {
  const strict = await startOriel('strict');
  const buffered = await startOriel('buffered');
  const bare = await startBare(await askOnce(strict.address, 'oriel'));
  return { bare, strict, buffered };
}

async function checkAnswers(servers: Servers): Promise<void> {
  const lengths = await Promise.all([
    askOnce(servers.bare.address, 'bare'),
    askOnce(servers.strict.address, 'oriel'),
    askOnce(servers.buffered.address, 'oriel'),
  ]);
  if (new Set(lengths).size > 1) throw new Error(`the answers differ in length: ${lengths.join(', ')} bytes`);
}

/** Warms each server up once, then measures them in turn. */
async function interleave<Measured>(
  rounds: number,
  servers: Servers,
  drive: (server: Server) => Promise<Measured>,
  show: (measured: Measured) => string,
): Promise<Record<ServerName, Measured[]>> {
  const measured: Record<ServerName, Measured[]> = { bare: [], strict: [], buffered: [] };
  for (const name of ORDER) await drive(servers[name]);
  for (let round = 1; round <= rounds; round++) {
    for (const name of ORDER) {
      const result = await drive(servers[name]);
      measured[name].push(result);
      tell(`  round ${round} of ${rounds}, ${name}: ${show(result)}`);
    }
  }
  return measured;
}

async function closedLoop(options: Options, servers: Servers): Promise<Results['closed']> {
  const { rounds, seconds } = options;
  const wrk = options.wrk && hasWrk();
  if (options.wrk && !wrk) tell('wrk is not installed: autocannon it is.');
  const generator = wrk ? new Wrk() : new Generator<ClosedJob, Load>('closed.load.ts');
  const loads = [];
  for (const connections of options.connections) {
    tell(`closed loop, connections: ${connections}`);
    const measured = await interleave(
      rounds,
      servers,
      ({ address }) => generator.run({ address, connections, seconds }),
      (load) => `${Math.round(load.requestsPerSecond)} requests/s`,
    );
    loads.push({
      connections,
      rows: ORDER.map((name) => closedRow(name, measured[name], measured.bare)),
    });
  }
  generator.stop();
  return { generator: wrk ? 'wrk' : 'autocannon', rounds, seconds, loads };
}

/** The same caller asks again for an answer that it has. */
async function conditionalLoop(
  { rounds, seconds }: Options,
  servers: Servers,
): Promise<Results['conditional']> {
  const connections = 64;
  tell(`conditional GETs, connections: ${connections}`);
  const path = `${PATH}?${queryOf(HOUSE)}`;
  const first = await fetch(servers.strict.address + path);
  const tag = first.headers.get('etag');
  if (tag === null) throw new Error(`${path} has no tag`);
  const generator = new Generator<ClosedJob, Load>('closed.load.ts');
  const { bare, strict } = await interleave(
    rounds,
    servers,
    ({ address }) => generator.run({ address, connections, seconds, conditional: { path, tag } }),
    (load) => `${Math.round(load.requestsPerSecond)} requests/s, ${load.failures} failures`,
  );
  generator.stop();
  const row = closedRow('strict', strict, bare);
  if (row.failures > 0) throw new Error(`${row.failures} conditional GETs were not answered with 304.`);
  return {
    connections, generator: 'autocannon', rounds, seconds, bare: closedRow('bare', bare, bare).requestsPerSecond,
    oriel: row.requestsPerSecond, ratio: row.ratio,
  }; // prettier-ignore
}

async function openLoop(options: Options, servers: Servers): Promise<Results['open']> {
  const { rounds, seconds, rate: requestsPerSecond } = options;
  tell(`open loop, requests/s offered: ${requestsPerSecond}`);
  const generator = new Generator<OpenJob, OpenLoad>('open.load.ts');
  const measured = await interleave(
    rounds,
    servers,
    ({ address }) => generator.run({ address, requestsPerSecond, seconds }),
    (load) => `p99 ${load.p99.toFixed(2)} ms, ${load.lost} lost`,
  );
  generator.stop();
  return { rounds, seconds, requestsPerSecond, rows: ORDER.map((name) => openRow(name, measured[name])) };
}

function machine(): string {
  const cores = usableCpus();
  return `${cpus()[0]?.model.trim()}, ${cores} ${cores === 1 ? 'core' : 'cores'}, Node ${process.version}, ${process.platform} ${process.arch}`;
}

async function measure(options: Options): Promise<Results> {
  const results: Results = {
    measuredAt: new Date().toISOString().slice(0, 10),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: machine(),
    loadBefore: loadavg()[0] ?? 0,
    settings: givenSettings(),
  };
  if (options.start) results.start = await measureStarts(tell);
  if (options.bulk) results.bulk = { rounds: options.rounds, rows: await measureBulk(options.rounds, tell) };
  if (options.audit) results.audit = await measureAudit(options, tell);
  if (options.windows) results.windows = await measureWindows(options.rounds, tell);
  if (!options.closed && !options.open && !options.conditional) return results;
  const servers = await startAll();
  await checkAnswers(servers);
  if (options.closed) results.closed = await closedLoop(options, servers);
  if (options.open) results.open = await openLoop(options, servers);
  if (options.conditional) results.conditional = await conditionalLoop(options, servers);
  await checkAnswers(servers);
  for (const name of ORDER) await servers[name].stop();
  return results;
}

function failures(results: Results): number {
  const closed = results.closed?.loads.flatMap(({ rows }) => rows.map((row) => row.failures)) ?? [];
  const open = results.open?.rows.map((row) => row.lost) ?? [];
  const audit = results.audit?.asked.rows.map(({ lost }) => lost) ?? [];
  return [...closed, ...open, ...audit].reduce((sum, count) => sum + count, 0);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const results = await measure(options);
  process.stdout.write(`\n${plain(results)}\n`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  const failed = failures(results);
  if (failed > 0) tell(`\n${failed} requests were not answered with 200.`);
  return failed > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    tell(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);

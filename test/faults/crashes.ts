/** Kills the server under load again and again, on the same data folder, and holds the record to what was answered. */
import { spawn, type ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join, resolve } from 'node:path';
import { house, PREDICT } from '../houses.js';
import { NOTHING_CHECKED, RecordFile, type Checked } from './chain-check.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const LONGEST_START_MS = 60_000;

export interface CrashFigures {
  kills: number;
  clients: number;
  /** Answers with status 200 that a client had in full before a kill. */
  answered: number;
  /** Records in the end, also of answers that were under way at a kill. */
  onRecord: number;
  /** Answered, but not on record. */
  missing: number;
  /** Records with the id of another. */
  duplicates: number;
  /** Things in the chain whose heads were computed anew, all alike. */
  chained: number;
  /** Longest time from a start to readiness after a kill. */
  longestRestartMs: number;
}

interface Running {
  child: ChildProcess;
  port: number;
  startedMs: number;
}

/** Starts the built server and waits until it is ready. @throws Error with what it said when it is not */
function start(dataDir: string): Promise<Running> {
  const from = performance.now();
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('ORIEL_') && name !== 'NODE_OPTIONS',
  );
  const child = spawn(process.execPath, [join(PROJECT, 'dist/main.js')], {
    env: {
      ...Object.fromEntries(inherited),
      ORIEL_PORT: '0',
      ORIEL_MODELS: join(PROJECT, 'models'),
      ORIEL_DATA: dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((ready, fail) => {
    let said = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`the server is not ready in time: ${said}`));
    }, LONGEST_START_MS);
    child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-10_000)));
    child.stdout.on('data', (text: Buffer) => {
      const port = /^Oriel is ready at http:\S+:(\d+)/m.exec(text.toString())?.[1];
      if (!port) return;
      clearTimeout(late);
      ready({ child, port: Number(port), startedMs: performance.now() - from });
    });
    child.once('exit', () => {
      clearTimeout(late);
      fail(new Error(`the server left: ${said}`));
    });
  });
}

/** Asks on a connection that is kept, and reads the whole answer. @returns its id; null when it was no success */
function predict(port: number, agent: Agent, n: number): Promise<string | null> {
  const body = JSON.stringify(house(n));
  return new Promise((answered, fail) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: PREDICT,
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (incoming) => {
        incoming.resume().on('error', fail);
        incoming.on('end', () =>
          answered(incoming.statusCode === 200 ? String(incoming.headers['x-request-id']) : null),
        );
      },
    );
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/** Clients that ask until the server is gone; what is answered is put into `answered`. @throws whatever fails before the kill */
async function load(
  { port, child }: Running,
  clients: number,
  answered: Set<string>,
  killed: () => boolean,
): Promise<void> {
  const one = async (client: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let n = client; !killed(); n += clients) {
        const id = await predict(port, agent, n);
        if (id === null) throw new Error('an answer was no success');
        if (answered.has(id)) throw new Error(`two answers have the id ${id}`);
        answered.add(id);
      }
    } catch (error) {
      if (!killed()) {
        child.kill('SIGKILL');
        throw error;
      }
    } finally {
      agent.destroy();
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)));
}

/** Loads the server for a random while, then kills it. */
async function crash(server: Running, clients: number, answered: Set<string>): Promise<void> {
  let killed = false;
  const gone = new Promise((exit) => server.child.once('exit', exit));
  const timer = setTimeout(
    () => {
      killed = true;
      server.child.kill('SIGKILL');
    },
    50 + Math.random() * 800,
  );
  try {
    await load(server, clients, answered, () => killed);
  } finally {
    clearTimeout(timer);
    server.child.kill('SIGKILL');
    await gone;
  }
}

/** @throws Error when the chain does not hold; what is missing or twice is counted */
export async function crashes(
  kills: number,
  clients: number,
  dataDir: string,
  told: (line: string) => void = () => undefined,
): Promise<CrashFigures> {
  const all = new Set<string>();
  const missing = new Set<string>();
  let checked: Checked = NOTHING_CHECKED;
  let longestRestartMs = 0;
  let duplicates = 0;
  let server = await start(dataDir);
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const answered = new Set<string>();
      await crash(server, clients, answered);
      server = await start(dataDir);
      longestRestartMs = Math.max(longestRestartMs, server.startedMs);
      const file = new RecordFile(dataDir);
      checked = file.check(checked);
      for (const id of file.missing(answered)) missing.add(id);
      duplicates = Math.max(duplicates, file.duplicates);
      file.close();
      for (const id of answered) all.add(id);
      told(`${kill} kills, ${all.size} answered, ${missing.size} missing, ${duplicates} twice`);
    }
  } finally {
    server.child.kill('SIGKILL');
  }
  const file = new RecordFile(dataDir);
  const chained = file.check().seq;
  for (const id of file.missing(all)) missing.add(id);
  const onRecord = file.records;
  file.close();
  return {
    kills,
    clients,
    answered: all.size,
    onRecord,
    missing: missing.size,
    duplicates,
    chained,
    longestRestartMs: Math.round(longestRestartMs),
  };
}

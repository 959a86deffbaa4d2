/**
 * Loaded into the server and all of its threads (`NODE_OPTIONS=--import=…`) by tests that make things go wrong from within. The folder
 * is FAULTS_FOLDER; in it
 * - `clock` holds the milliseconds by which every clock is off;
 * - `die` ends the journal thread by an error nobody catches;
 * - `die-journal`, `die-reader`, `die-long-reader`, `die-inference` and `die-main` end that thread in the way that is written in it:
 *   `throw`, `reject`, `exit` or `memory`. Of several alike, the first that looks.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isMainThread, workerData } from 'node:worker_threads';

const folder = process.env.FAULTS_FOLDER;
const RealDate = Date;
const realNow = Date.now.bind(Date);
let offset = 0;

function read(name) {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(realNow() + offset);
    else super(...parts);
  }
  static now() {
    return realNow() + offset;
  }
};

/** What this thread is called in the folder. */
function nameOfThread() {
  if (isMainThread) return /main\.js$/.test(process.argv[1] ?? '') ? 'main' : 'other';
  const kind = /(\w+)\.worker\.js$/.exec(process.argv[1] ?? '')?.[1];
  return kind === 'reader' && workerData?.long ? 'long-reader' : kind;
}

const END = {
  throw: () => {
    throw new Error('the test ends this thread');
  },
  reject: () => void Promise.reject(new Error('the test ends this thread')),
  exit: () => process.exit(7),
  memory: () => {
    for (const held = []; ;) held.push(new Array(1e6).fill(held.length));
  },
};

const name = nameOfThread();

// FAULTS_KILL_AT: the process is killed as its journal thread is about to run a statement that holds this text.
const fatal = process.env.FAULTS_KILL_AT;
if (fatal && name === 'journal') {
  const { prototype } = createRequire(import.meta.url)('better-sqlite3');
  const { prepare } = prototype;
  prototype.prepare = function (sql) {
    if (sql.includes(fatal)) process.kill(process.pid, 'SIGKILL');
    return prepare.call(this, sql);
  };
}

function order(file) {
  const how = read(file);
  if (how === null) return;
  try {
    rmSync(join(folder, file));
  } catch {
    return; // another was sooner
  }
  END[how === '' ? 'throw' : how]();
}

setInterval(() => {
  offset = Number(read('clock') ?? 0);
  if (name === 'journal') order('die');
  order(`die-${name}`);
}, 5).unref();

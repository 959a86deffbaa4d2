/**
 * Loaded into the server and all of its threads (`NODE_OPTIONS=--import=…`) by tests that make things go wrong from within:
 * `<folder>/clock` holds the milliseconds by which every clock is off, `<folder>/die` ends the journal thread by an error nobody
 * catches. The folder is FAULTS_FOLDER.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

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

const isJournal = !isMainThread && /journal\.worker\.js$/.test(process.argv[1] ?? '');

setInterval(() => {
  offset = Number(read('clock') ?? 0);
  if (isJournal && read('die') !== null) {
    rmSync(join(folder, 'die'));
    throw new Error('the test ends this thread');
  }
}, 5).unref();

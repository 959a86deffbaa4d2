/** Copies of a data folder: the database as it was at one moment, with all that lies beside it, and what the copy must be. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { databaseFile, DataFolderError, lockFile } from './data-folder.js';
import { MANIFEST, type Manifest } from './manifest.js';

/** Pages copied before other work is let in: 4 MiB. The copy is of one moment all the same. */
const STEP_PAGES = 1024;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** How much is done of how much, in bytes. */
export type BytesDone = (done: number, total: number) => void;

/**
 * Makes a backup of a data folder, also while a server works on it, into a folder that is not there yet or empty. It is there whole or not
 * at all: until then it is called `<out>.partial`.
 * @throws DataFolderError when there is nothing to copy, no room for it, or something in its place
 */
export async function backUp(
  dataDir: string,
  out: string,
  made: { oriel: string; now: number },
  told: BytesDone = () => undefined,
): Promise<Manifest> {
  if (!isRoom(out))
    throw new DataFolderError(`There is something at ${out} already; a backup is a new folder.`);
  const partial = `${out.replace(/\/+$/, '')}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: FOLDER_MODE });
  try {
    const files: Manifest['files'] = {};
    // Before the database: a checkpoint that is newer than the record beside it would say that the record was cut off.
    for (const name of companions(dataDir))
      files[name] = await copyWhole(join(dataDir, name), join(partial, name), wholeLinesOf(name));
    const file = databaseFile(partial);
    const end = await copyDatabase(databaseFile(dataDir), file, told);
    files[basename(file)] = await digestOf(file);
    const manifest: Manifest = {
      format: 1,
      oriel: made.oriel,
      time: new Date(made.now).toISOString(),
      ...end,
      files,
    };
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: FILE_MODE });
    for (const name of [...Object.keys(files), MANIFEST]) synced(join(partial, name));
    synced(partial);
    renameSync(partial, out);
    synced(dirname(partial));
    return manifest;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw inASentence(error, dataDir, out);
  }
}

/**
 * Puts the files of a backup into a data folder that is not used yet, holding each against the manifest. The database comes under
 * another name, so that no server takes it before `accept`; what was written is taken away again by `reject`.
 * @throws DataFolderError when the folder is used, or a file is missing or is not what it was
 */
export async function unpack(
  backup: string,
  manifest: Manifest,
  folder: string,
  told: BytesDone = () => undefined,
): Promise<{ draft: string; accept: () => void; reject: () => void }> {
  if (!isRoom(folder))
    throw new DataFolderError(`${folder} is in use: a backup is restored into a new folder.`);
  const existed = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const database = databaseFile(folder);
  const draft = `${database}.restored`;
  const written: string[] = [];
  const reject = (): void => {
    for (const path of [...written, lockFile(folder)]) rmSync(path, { force: true });
    if (!existed) rmSync(folder, { recursive: true, force: true });
  };
  const total = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  try {
    for (const [name, expected] of Object.entries(manifest.files)) {
      const to = name === basename(database) ? draft : join(folder, name);
      written.push(to);
      const found = await copyWhole(join(backup, name), to, false, (bytes) => told(done + bytes, total));
      if (found.sha256 !== expected.sha256)
        throw new DataFolderError(`${join(backup, name)} is not what was backed up: its SHA-256 is another.`);
      done += found.bytes;
      synced(to);
    }
  } catch (error) {
    reject();
    throw inASentence(error, backup, folder);
  }
  const accept = (): void => {
    renameSync(draft, database);
    synced(folder);
  };
  return { draft, accept, reject };
}

function isRoom(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  // A volume may come with a folder of its file system.
  return (
    found === undefined || (found.isDirectory() && readdirSync(path).every((name) => name === 'lost+found'))
  );
}

/** Keys, secrets, checkpoints and whatever else lies beside the database: all but it, its lock and what is still being written. */
function companions(dataDir: string): string[] {
  return readdirSync(dataDir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^oriel\./.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !/^oriel\.(db|lock)|\.new$/.test(name));
}

/** Whether a file grows by a line at a time, so that what stands after the last end of line is half a line. */
function wholeLinesOf(name: string): boolean {
  return name === 'oriel.checkpoints';
}

/** Pages of one moment: a read transaction holds it for the whole copy, and keeps no writer waiting. */
async function copyDatabase(
  from: string,
  to: string,
  told: BytesDone,
): Promise<Pick<Manifest, 'migration' | 'seq' | 'head'>> {
  const source = new Database(from, { readonly: true, fileMustExist: true });
  try {
    const pageSize = source.pragma('page_size', { simple: true }) as number;
    source.exec('BEGIN');
    const tip = source.prepare('SELECT seq, head FROM journal_tip').get() as { seq: number; head: Buffer };
    const migration = source.prepare('SELECT name FROM migrations ORDER BY id DESC LIMIT 1').pluck().get();
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        told((totalPages - remainingPages) * pageSize, totalPages * pageSize);
        return STEP_PAGES;
      },
    });
    return { migration: migration as string, seq: tip.seq, head: tip.head.toString('hex') };
  } finally {
    source.close();
    alone(to);
  }
}

/** Makes a database one file, which can be read where nothing can be written. */
function alone(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })) return;
  const copy = new Database(path);
  copy.pragma('journal_mode = DELETE');
  copy.close();
  chmodSync(path, FILE_MODE);
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { bytes: statSync(path).size, sha256: hash.digest('hex') };
}

/** Copies what a file holds now, up to its last end of line where it is one of lines. */
async function copyWhole(
  from: string,
  to: string,
  lines: boolean,
  told: (bytes: number) => void = () => undefined,
): Promise<{ bytes: number; sha256: string }> {
  const file = await open(to, 'wx', FILE_MODE);
  const hash = createHash('sha256');
  let bytes = 0;
  const write = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk);
    await file.writeFile(chunk);
    told((bytes += chunk.length));
  };
  try {
    if (lines) {
      const held = readFileSync(from);
      await write(held.subarray(0, held.lastIndexOf('\n') + 1));
    } else
      for await (const chunk of createReadStream(from, { highWaterMark: 2 ** 20 }))
        await write(chunk as Buffer);
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

function synced(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function inASentence(error: unknown, from: string, to: string): unknown {
  if (error instanceof DataFolderError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ENOSPC' || code === 'SQLITE_FULL')
    return new DataFolderError(`There is no room left for ${to}.`);
  if (code === 'SQLITE_CANTOPEN' || code === 'ENOENT' || code === 'SQLITE_ERROR')
    return new DataFolderError(
      `${from} cannot be read as a data folder of this Oriel, or lacks a file (${String(message)}).`,
    );
  if (typeof code === 'string')
    return new DataFolderError(`From ${from} to ${to} it could not be copied (${code}).`);
  return error;
}

import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from '../database/data-folder.js';
import { KEY_PREFIX } from './key.js';

/** Bytes of the secret, and of a key. */
const BYTES = 32;

/** The secret under which keys are hashed: whoever has the database but not this file can neither find a key nor make one fit. */
export class KeySecret {
  private constructor(private readonly key: KeyObject) {}

  /**
   * Reads `oriel.secret` in the data folder, or makes it, readable by its owner alone.
   * @param needed whether there are keys that were hashed under it: then it is not made anew
   * @throws DataFolderError when it is not there although it is needed, cannot be read, or holds no secret
   */
  static open(dataDir: string, needed: boolean): KeySecret {
    const path = join(dataDir, 'oriel.secret');
    const text = read(path) ?? (needed ? lost(path) : make(path));
    if (!/^[0-9a-f]{64}\n?$/.test(text))
      throw new DataFolderError(
        `The file ${path} holds no secret of Oriel. Put back the one that the keys were made with.`,
      );
    return new KeySecret(createSecretKey(text.trim(), 'hex'));
  }

  /** HMAC-SHA-256 of a key, in hexadecimal. */
  digest(key: string): string {
    return createHmac('sha256', this.key).update(key).digest('hex');
  }
}

/** A key that nobody has seen before: 256 bits of chance. */
export function newKey(): string {
  return KEY_PREFIX + randomBytes(BYTES).toString('base64url');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new DataFolderError(`The secret of the keys, ${path}, cannot be read (${code}).`);
  }
}

function lost(path: string): never {
  throw new DataFolderError(
    `The file ${path} is not there, and no key can be checked without it. Put it back from where the data folder was copied.`,
  );
}

/** Whole or not at all, and by one of those who try at the same time. */
function make(path: string): string {
  const draft = `${path}.${process.pid}`;
  const text = `${randomBytes(BYTES).toString('hex')}\n`;
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(draft, { force: true });
  }
}

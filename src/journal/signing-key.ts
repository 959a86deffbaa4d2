import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from '../database/data-folder.js';

/** What one needs to check a signature of this server. */
export interface PublicKey {
  /** The first 16 hexadecimal digits of the SHA-256 of the key in DER (SubjectPublicKeyInfo). */
  keyId: string;
  algorithm: 'Ed25519';
  /** PEM, SubjectPublicKeyInfo. */
  publicKey: string;
}

/** The key that signs checkpoints (Ed25519, RFC 8032). It is made at the first start, and never leaves its file. */
export class SigningKey {
  readonly public: PublicKey;

  private constructor(private readonly key: KeyObject) {
    this.public = publicOf(createPublicKey(key));
  }

  /**
   * Reads `oriel.key` in the data folder, or makes it, readable by its owner alone; `oriel.pub` beside it holds the public half.
   * @throws DataFolderError when the file holds no such key
   */
  static open(dataDir: string): SigningKey {
    const path = join(dataDir, 'oriel.key');
    if (!existsSync(path)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 0o600);
    }
    const key = new SigningKey(readKey(path));
    const beside = publicKeyFile(dataDir);
    if (!existsSync(beside) || readFileSync(beside, 'utf8') !== key.public.publicKey)
      writeWhole(beside, key.public.publicKey, 0o644);
    return key;
  }

  /** @returns the signature in Base64 */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.key).toString('base64');
  }
}

export function publicKeyFile(dataDir: string): string {
  return join(dataDir, 'oriel.pub');
}

/** A public key from its PEM. @throws Error when it is none */
export function publicOf(key: KeyObject): PublicKey {
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    keyId: createHash('sha256').update(der).digest('hex').slice(0, 16),
    algorithm: 'Ed25519',
    publicKey: key.export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** Whether `signature` (Base64) is that of `text` by the key in a PEM. */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  return verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, 'base64'));
}

function readKey(path: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw new DataFolderError(`The signing key ${path} cannot be read.`);
  }
  throw new DataFolderError(
    `The file ${path} holds no Ed25519 key. Put the key back, or move the file away: a new one is made then, and the record says so.`,
  );
}

/** Whole or not at all, also when the process ends in the middle. */
function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

import { existsSync, readFileSync } from 'node:fs';
import { checkpointFile, DamagedCheckpoints, readCheckpoints } from '../../journal/checkpoints.js';
import { publicKeyFile } from '../../journal/signing-key.js';
import type { Witness } from './verifier.js';

/** The checkpoints and the public key that lie beside a database, where they do. */
export function witnessBeside(dataDir: string): Witness {
  const key = publicKeyFile(dataDir);
  return witnessOf(checkpointFile(dataDir), existsSync(key) ? readFileSync(key, 'utf8') : null);
}

/** The checkpoints in a file, and the key (PEM) to hold them against. */
export function witnessOf(checkpoints: string, publicKey: string | null): Witness {
  try {
    return { checkpoints: readCheckpoints(checkpoints), publicKey };
  } catch (error) {
    if (error instanceof DamagedCheckpoints) return { checkpoints: [], publicKey, damage: error.message };
    throw error;
  }
}

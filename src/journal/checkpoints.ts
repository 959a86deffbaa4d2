import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Tip } from './chain-writer.js';
import { isSigned, type SigningKey } from './signing-key.js';

/** A signed statement of where the chain ended: whoever has it can tell later that nothing before it was changed. */
export interface Checkpoint {
  seq: number;
  /** Hexadecimal. */
  head: string;
  /** RFC 3339. */
  time: string;
  keyId: string;
  /** Ed25519 over `oriel.checkpoint`, seq, head, time and keyId, a line each without the last end of line; Base64. */
  signature: string;
}

/** A file of checkpoints was changed: a line of it is none. */
export class DamagedCheckpoints extends Error {}

/** Where checkpoints are kept: a JSON object a line, the newest last. */
export function checkpointFile(dataDir: string): string {
  return join(dataDir, 'oriel.checkpoints');
}

/** Writes checkpoints beside the database. Lives in the journal thread. */
export class CheckpointWriter {
  private last = 0;

  constructor(
    private readonly dataDir: string,
    private readonly key: SigningKey,
  ) {
    const path = checkpointFile(dataDir);
    if (!existsSync(path)) return;
    const whole = readFileSync(path).lastIndexOf('\n') + 1;
    truncateSync(path, whole); // what a crash cut short must not become the beginning of the next line
  }

  /** @returns the checkpoint, on disk; null when the chain is where it was at the last one */
  write({ seq, head }: Tip, now = Date.now()): Checkpoint | null {
    if (seq === this.last) return null;
    const said = {
      seq,
      head: head.toString('hex'),
      time: new Date(now).toISOString(),
      keyId: this.key.public.keyId,
    };
    const checkpoint: Checkpoint = { ...said, signature: this.key.sign(textOf(said)) };
    const file = openSync(checkpointFile(this.dataDir), 'a', 0o644);
    try {
      writeSync(file, `${JSON.stringify(checkpoint)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.last = seq;
    return checkpoint;
  }
}

/**
 * The checkpoints in a file, oldest first; none where there is no file. A last line that a crash cut short is passed over.
 * @throws DamagedCheckpoints naming the line that is none
 */
export function readCheckpoints(path: string): Checkpoint[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n');
  lines.pop(); // what stands after the last end of line was cut short, if it is anything
  return lines
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const checkpoint = parsed(line);
      if (!checkpoint) throw new DamagedCheckpoints(`line ${number} of the checkpoints was changed`);
      return checkpoint;
    });
}

/** Whether a checkpoint is signed by the key in a PEM. */
export function isGenuine(checkpoint: Checkpoint, publicKey: string): boolean {
  return isSigned(textOf(checkpoint), checkpoint.signature, publicKey);
}

function textOf({ seq, head, time, keyId }: Omit<Checkpoint, 'signature'>): string {
  return ['oriel.checkpoint', seq, head, time, keyId].join('\n');
}

function parsed(line: string): Checkpoint | null {
  try {
    const { seq, head, time, keyId, signature } = JSON.parse(line) as Record<string, unknown>;
    const texts = [head, time, keyId, signature].every((one) => typeof one === 'string');
    return Number.isSafeInteger(seq) && texts ? ({ seq, head, time, keyId, signature } as Checkpoint) : null;
  } catch {
    return null;
  }
}

import { rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { complaint } from './command.js';

/** Where a long output goes. Each step is waited for, so that no more than one chunk is in memory. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** All was written. */
  end(): Promise<void>;
  /** Not all could be written: nothing stays. */
  drop(): Promise<void>;
}

export function stdoutSink(): Sink {
  return {
    // A reader that has enough ends the process (`main`); there is nothing else to tell.
    write: (bytes) => new Promise((done) => process.stdout.write(bytes, () => done())),
    end: () => Promise.resolve(),
    drop: () => Promise.resolve(),
  };
}

/**
 * A file that is there once it is whole: until then it is `FILE.part`, which a signal takes away.
 * @throws OrielError `cannot-write`
 */
export async function fileSink(file: string): Promise<Sink> {
  const part = `${file}.part`;
  const leave = (signal: NodeJS.Signals): void => {
    rmSync(part, { force: true });
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, leave);
  const handle = await open(part, 'w').catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
  const told = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      throw cannotWrite(file, error);
    }
  };
  return {
    write: (bytes) => told(handle.writeFile(bytes)),
    end: async () => {
      await told(handle.sync());
      await handle.close();
      await told(rename(part, file));
      for (const signal of signals) process.off(signal, leave);
    },
    drop: async () => {
      await handle.close();
      await rm(part, { force: true });
    },
  };
}

function cannotWrite(file: string, error: unknown): Error {
  const { code = 'for an unknown reason' } = error as NodeJS.ErrnoException;
  return complaint('cannot-write', `${file} cannot be written (${code}).`);
}

import Database from 'better-sqlite3';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Verifier, type Verdict, type Witness } from '../audit/verification/verifier.js';
import { witnessBeside, witnessOf } from '../audit/verification/witness.js';
import { command, complaint, EXIT } from './command.js';
import { plural, Progress, share } from './progress.js';
import { recordFile } from './record-file.js';

interface Options {
  checkpoints?: string;
  key?: string;
  json?: true;
}

/** `oriel verify`: whether a record, or a copy of one, is as it was written. Needs no server, and changes nothing. */
export function verifyCommand(): Command {
  return command('verify', 'Holds a record against its chain and against its signed checkpoints.', [
    'oriel verify ./data',
    'oriel verify copy/oriel.db --checkpoints kept/oriel.checkpoints --key kept/oriel.pub --json',
  ])
    .argument('<FILE>', 'an oriel.db, a copy of one, or a data folder')
    .option('--checkpoints <file>', 'checkpoints that were kept elsewhere, in place of those beside FILE')
    .option('--key <file>', 'public key (PEM) of their signatures, in place of that beside FILE')
    .option('--json', 'print the verdict as JSON')
    .action((path: string, options: Options) => {
      const file = recordFile(path);
      const witness = witnessFor(file, options);
      const verdict = verified(file, witness);
      process.exitCode = verdict.valid ? EXIT.well : EXIT.wrong;
      const said = options.json ? JSON.stringify(verdict, null, 2) : sentence(verdict, witness);
      process.stdout.write(`${said}\n`);
    });
}

function witnessFor(file: string, { checkpoints, key }: Options): Witness {
  const beside = witnessBeside(dirname(file));
  const publicKey = key === undefined ? beside.publicKey : text(key);
  if (checkpoints === undefined) return { ...beside, publicKey };
  text(checkpoints);
  return witnessOf(checkpoints, publicKey);
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'for an unknown reason' } = error as NodeJS.ErrnoException;
    throw complaint('cannot-read', `${file} cannot be read (${code}).`);
  }
}

function verified(file: string, witness: Witness): Verdict {
  const progress = new Progress((done, total) => `${share(done, total, 'entries')} verified`);
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return new Verifier(database, witness, (done, total) => progress.at(done, total)).verify();
  } catch (error) {
    throw complaint('not-verified', `The record could not be verified: ${(error as Error).message}.`);
  } finally {
    progress.end();
    database.close();
  }
}

function sentence(verdict: Verdict, { checkpoints }: Witness): string {
  const seen = plural(checkpoints.length, 'checkpoint');
  if (verdict.valid)
    return `The record is as it was written: ${plural(verdict.records, 'record')}, ${seen}, head ${verdict.head}.`;
  const { seq, id, reason } = verdict.firstBad;
  return `The record is not as it was written. At seq ${seq}${id === null ? '' : ` (${id})`}: ${reason}.`;
}

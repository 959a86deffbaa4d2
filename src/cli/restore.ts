import Database from 'better-sqlite3';
import type { Command } from 'commander';
import { Verifier, type Verdict } from '../audit/verification/verifier.js';
import { witnessBeside } from '../audit/verification/witness.js';
import { unpack } from '../database/backup.js';
import { takeDataFolder } from '../database/data-folder.js';
import { manifestOf, type Manifest } from '../database/manifest.js';
import { command, complaint } from './command.js';
import { mib } from './backup.js';
import { count, Progress, share } from './progress.js';

/** `oriel restore`: makes a data folder of a backup, once all of it is as it was. */
export function restoreCommand(): Command {
  return command('restore', 'Makes a data folder of a backup, and verifies all of it before.', [
    'oriel restore /backups/2026-01-31 ./data',
  ])
    .argument('<BACKUP>', 'a folder that `oriel backup` made')
    .argument('<FOLDER>', 'the data folder to make: it must not be there, or be empty')
    .action(async (backup: string, folder: string) => {
      const manifest = manifestOf(backup);
      const copying = new Progress((done, total) => mib(done, total, 'copied'));
      const unpacked = await unpack(backup, manifest, folder, (done, total) =>
        copying.at(done, total),
      ).finally(() => copying.end());
      try {
        const lock = takeDataFolder(folder);
        try {
          expectWhole(verified(unpacked.draft, folder), manifest);
          unpacked.accept();
        } finally {
          lock.close();
        }
      } catch (error) {
        unpacked.reject();
        throw error;
      }
      process.stdout.write(
        `${folder} is as it was at ${manifest.time}, up to seq ${count(manifest.seq)}, head ${manifest.head}.\n`,
      );
    });
}

function verified(file: string, folder: string): Verdict {
  const progress = new Progress((done, total) => `${share(done, total, 'entries')} verified`);
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return new Verifier(database, witnessBeside(folder), (done, total) => progress.at(done, total)).verify();
  } finally {
    progress.end();
    database.close();
  }
}

/** @throws OrielError `record-damaged` */
function expectWhole(verdict: Verdict, { head, seq }: Manifest): void {
  if (!verdict.valid)
    throw complaint(
      'record-damaged',
      `The record in the backup is not as it was written: at seq ${verdict.firstBad.seq}: ${verdict.firstBad.reason}.`,
    );
  if (verdict.head !== head)
    throw complaint('record-damaged', `The record in the backup does not end where it did, at seq ${seq}.`);
}

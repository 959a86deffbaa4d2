import type { Command } from 'commander';
import { dataDirOf } from '../config/settings.js';
import { backUp } from '../database/backup.js';
import { packageVersion } from '../package-version.js';
import { command } from './command.js';
import { count, Progress, share } from './progress.js';
import { recordFile } from './record-file.js';

const MIB = 2 ** 20;

/** `oriel backup`: a copy of a data folder, of one moment, also while a server works on it. */
export function backupCommand(): Command {
  return command('backup', 'Copies a data folder, also while a server works on it.', [
    'oriel backup /backups/2026-01-31',
    'oriel backup --data /var/lib/oriel /backups/2026-01-31',
  ])
    .argument(
      '<OUT>',
      'folder to make: the database, the keys and the checkpoints, and a list of their SHA-256',
    )
    .option('--data <folder>', 'the data folder (ORIEL_DATA, default ./data)')
    .action(async (out: string, { data = dataDirOf() }: { data?: string }) => {
      recordFile(data);
      const progress = new Progress((done, total) => mib(done, total, 'copied'));
      try {
        const made = { oriel: packageVersion(), now: Date.now() };
        const { seq, head, files } = await backUp(data, out, made, (done, total) => progress.at(done, total));
        progress.end();
        const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
        process.stdout.write(
          `${out} holds ${data} up to seq ${count(seq)} (${count(Math.ceil(bytes / MIB))} MiB), head ${head}.\n`,
        );
      } finally {
        progress.end();
      }
    });
}

/** How much of a copy is done, for a person. */
export function mib(done: number, total: number, what: string): string {
  return share(Math.floor(done / MIB), Math.ceil(total / MIB), `MiB ${what}`);
}

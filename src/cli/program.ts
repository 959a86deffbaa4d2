import type { Command } from 'commander';
import { keepRuntimeQuiet } from '../config/runtime-environment.js';
import { packageVersion } from '../package-version.js';
import { backupCommand } from './backup.js';
import { command, tell } from './command.js';
import { checkCommand } from './check.js';
import { exportCommand } from './export.js';
import { keysCommand } from './keys.js';
import { restoreCommand } from './restore.js';
import { serveCommand } from './serve.js';
import { verifyCommand } from './verify.js';

const ENDS = `
Every command ends with 0 when all is well, with 1 when what it looked at is not right, and with 2 when it could not do
what was asked. \`oriel COMMAND --help\` tells more of one.`;

function program(): Command {
  const oriel = command('oriel', 'Serves ONNX models over REST, and keeps a record of every answer.', [
    'oriel serve ./models',
    'oriel check ./models',
    'oriel verify ./data',
  ]);
  oriel.version(packageVersion(), '-V, --version', 'print the version').addHelpText('after', ENDS);
  const commands = [serveCommand(), checkCommand(), keysCommand(), exportCommand(), verifyCommand()];
  for (const one of [...commands, backupCommand(), restoreCommand()]) oriel.addCommand(one);
  return oriel;
}

/** Runs the command that the arguments ask for; `process.exitCode` is how it ended. */
export async function main(args: readonly string[]): Promise<void> {
  leaveWhenNobodyReads();
  keepRuntimeQuiet();
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** A reader that has enough, such as `head`, is no fault. */
function leaveWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
}

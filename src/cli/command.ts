import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { OrielError } from '../errors.js';

/** How every command ends: all is well; something that was looked at is not right; it could not be done, or was asked wrongly. */
export const EXIT = { well: 0, wrong: 1, failed: 2 } as const;

const OUTPUT: OutputConfiguration = {
  outputError: (text, write) => write(sentenceOf(text)),
};

/** A command of `oriel`: its faults are thrown, and told as a sentence. */
export function command(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .configureOutput(OUTPUT)
    .exitOverride()
    .allowExcessArguments(false)
    .addHelpText('after', ['', ...examplesOf(examples)].join('\n'));
}

function examplesOf(examples: readonly string[]): string[] {
  if (examples.length === 0) return [];
  return [examples.length === 1 ? 'Example:' : 'Examples:', ...examples.map((line) => `  ${line}`)];
}

/** Commander's complaint, `error: unknown option '--prot'` with a guess in a line below it, as one sentence or two. */
function sentenceOf(text: string): string {
  const words = text
    .replace(/^error: /, '')
    .replace(/\n\((Did you mean .*?)\)/, '. $1')
    .trim();
  const end = /[.?!]$/.test(words) ? '' : '.';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${end}\n`;
}

/** Something that the caller can mend; its text is what is told. */
export function complaint(code: string, sentence: string): OrielError {
  return new OrielError('badParameter', code, sentence);
}

/** Tells why a command failed, on stderr, where that was not done yet. @returns the exit code */
export function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.well : EXIT.failed;
  const message = error instanceof Error ? error.message : String(error);
  const faults = error instanceof OrielError ? error.faults : [];
  const lines = [message, ...faults.map(({ pointer, detail }) => `  ${pointer} ${detail}`)];
  process.stderr.write(`${lines.join('\n')}\n`);
  return EXIT.failed;
}

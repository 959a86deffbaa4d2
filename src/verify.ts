/** `npm run verify -- FILE`: whether a record, or a copy of one, is as it was written. Needs no server, and changes nothing. */
import Database from 'better-sqlite3';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Verifier, type Witness } from './audit/verification/verifier.js';
import { witnessBeside, witnessOf } from './audit/verification/witness.js';

const USAGE = `Usage: npm run verify -- FILE [--checkpoints FILE] [--key FILE]

Holds the record in FILE (an oriel.db, or a copy of one) against its chain and against signed checkpoints: those given, else the
oriel.checkpoints and oriel.pub beside it. Prints the verdict as JSON. Ends with 0 when all fits, 1 when something does not,
2 when it could not look.
`;

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { checkpoints: { type: 'string' }, key: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [file] = positionals;
  if (values.help || file === undefined || positionals.length !== 1) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 2;
  }
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  const beside = witnessBeside(dirname(file));
  const publicKey = values.key === undefined ? beside.publicKey : readFileSync(values.key, 'utf8');
  const witness: Witness =
    values.checkpoints === undefined ? { ...beside, publicKey } : witnessOf(values.checkpoints, publicKey);
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const verdict = new Verifier(database, witness).verify();
    process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
    return verdict.valid ? 0 : 1;
  } finally {
    database.close();
  }
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`The record could not be verified: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

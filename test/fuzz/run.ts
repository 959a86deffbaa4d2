/**
 * `npm run fuzz -- --inputs 100000 --models 10000 --seed 1`: attacks the built server, and keeps the figures for the README.
 * `--only WORDS` runs the attacks whose names have them, and keeps nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import { CARS, residentMiB, runAttack, send, type AttackFigures } from './campaign.js';
import { runModels } from './model-campaign.js';
import { ATTACKS } from './requests.js';
import { FuzzTarget } from './target.js';

export interface FuzzResults {
  measuredAt: string;
  command: string;
  /** How the figures came about, where not by one run of that command. */
  note?: string;
  attacks: AttackFigures[];
  /** Files that crashed the process that tried them, and that were given up for their time or memory. */
  crashes: number;
  bounded: number;
  /** Resident memory of the server in MiB: before, and the most after an attack. */
  memory?: { before: number; most: number };
}

/** Hostile models are given up soon: each that never ends would take its time twice. */
const LIMITS = { ORIEL_LOAD_TIMEOUT: '5s', ORIEL_LOAD_MEMORY: '512MiB', ORIEL_MODELS_POLL: '0ms' };

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} is a whole number`);
  return number;
}

function keepFiles(folder: string, faults: readonly { file: Buffer }[]): void {
  mkdirSync(folder, { recursive: true });
  faults.forEach(({ file }, index) => writeFileSync(join(folder, `${index}.onnx`), file));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '100000' },
      models: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const [inputs, models, seed] = [
    whole(values.inputs, 'inputs'),
    whole(values.models, 'models'),
    whole(values.seed, 'seed'),
  ];
  const names = Object.keys(ATTACKS).filter((name) => name.includes(values.only ?? ''));
  const target = await FuzzTarget.start(LIMITS);
  const attacks: AttackFigures[] = [];
  const memory = { before: residentMiB(target.pid), most: 0 };
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  await send(target.port, new Agent(), CARS);
  for (const name of names) {
    const { figures, faults } = await runAttack(target, name, Math.ceil(inputs / names.length), seed);
    attacks.push(figures);
    memory.most = Math.max(memory.most, residentMiB(target.pid));
    say(JSON.stringify(figures));
    for (const { what, request } of faults.slice(0, 5))
      say(`  ${what}\n  ${request.method} ${request.path} ${request.body?.toString('latin1') ?? ''}`);
  }
  const { figures, faults } = await runModels(target, models, seed);
  const { crashes, bounded, mostMiB, ...common } = figures;
  memory.most = Math.max(memory.most, mostMiB);
  say(JSON.stringify(figures));
  for (const { what } of faults) say(`  ${what}`);
  if (values.keep !== undefined) keepFiles(values.keep, faults);
  const end = await target.stop();
  attacks.push(common);
  const command = `npm run fuzz -- --inputs ${inputs} --models ${models} --seed ${seed}`;
  const measuredAt = new Date().toISOString().slice(0, 10);
  const results: FuzzResults = { measuredAt, command, attacks, crashes, bounded, memory };
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (end !== 'it ended with code 0') throw new Error(`the server: ${end}\n${target.log}`);
  if (attacks.some((one) => one.faults > 0)) process.exitCode = 1;
  if (values.only === undefined)
    writeFileSync(join(import.meta.dirname, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});

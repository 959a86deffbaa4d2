import type { Command } from 'commander';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from '../config/settings.js';
import type { Prober } from '../prediction/onnx/prober.js';
import type { ModelFiles } from '../prediction/repository.js';
import { entriesBeside } from '../threads/entries.js';
import { command, complaint, EXIT } from './command.js';
import type { Checked, Problem } from './check/version-check.js';

/** What is wrong with a model as a whole, or with a path that has none. */
interface Wrong extends Problem {
  at: string;
}

interface Found {
  versions: Checked[];
  problems: Wrong[];
}

/** `oriel check`: what would be served, and every problem with it. Nothing is served, and nothing is changed. */
export function checkCommand(): Command {
  return command(
    'check',
    'Tells what would be served of a model file or a folder of models, and all that is wrong with it.',
    ['oriel check house-prices.onnx', 'oriel check ./models --json'],
  )
    .argument('<PATH>', 'an .onnx file, or a folder of models as `oriel serve` takes it')
    .option('--json', 'print all of it as JSON')
    .addHelpText(
      'after',
      '\nIt ends with 0 where all can be served, and with 1 where something cannot, or there is no model.',
    )
    .action(async (path: string, options: { json?: true }) => {
      if (!statSync(path, { throwIfNoEntry: false }))
        throw complaint('no-model', `There is nothing at ${path}.`);
      const found = await checked(resolve(path));
      const right =
        found.problems.length === 0 && found.versions.every(({ problems }) => problems.length === 0);
      process.exitCode = right ? EXIT.well : EXIT.wrong;
      process.stdout.write(
        options.json ? `${JSON.stringify({ ok: right, ...found }, null, 2)}\n` : await told(found),
      );
    });
}

async function checked(path: string): Promise<Found> {
  const [{ listModels }, { readSettings }, { mistakenFor, mistakesIn }] = await Promise.all([
    import('../prediction/repository.js'),
    import('../config/settings.js'),
    import('./check/mistaken.js'),
  ]);
  const mistaken = mistakenFor(path);
  if (mistaken !== undefined) return { versions: [], problems: [{ at: path, detail: mistaken }] };
  const models = await listModels(path);
  const found: Found = { versions: [], problems: [] };
  if (models.length === 0) {
    const mistakes = statSync(path).isDirectory() ? mistakesIn(path) : [];
    found.problems.push(...mistakes.map((one) => ({ at: one.path, detail: one.detail })));
    const detail = 'There is no model here: <name>/<version>/model.onnx, <name>/model.onnx or <name>.onnx.';
    if (mistakes.length === 0) found.problems.push({ at: path, detail });
    return found;
  }
  const settings = readSettings();
  const alone = statSync(path).isFile(); // the other versions of its model are not looked at
  const probers = await import('../prediction/onnx/prober.js');
  const bounds = { timeout: settings.loadTimeout, memory: settings.loadMemory };
  const prober = new probers.Prober({ entry: entriesBeside(import.meta.url).prober, ...bounds });
  // An idle prober lets the process that started it leave, also one that waits for its end.
  const awake = setInterval(() => undefined, 60_000);
  try {
    for (const model of models) await checkModel(model, prober, settings, found, alone);
  } finally {
    await prober.close();
    clearInterval(awake);
  }
  return found;
}

async function checkModel(
  files: ModelFiles,
  prober: Prober,
  settings: Settings,
  found: Found,
  alone: boolean,
): Promise<void> {
  const [{ readModelConfig }, { chosenVersions }, { checkVersion }] = await Promise.all([
    import('../prediction/model-config.js'),
    import('../prediction/version-policy.js'),
    import('./check/version-check.js'),
  ]);
  const { name } = files;
  if (files.unreadable !== undefined) {
    found.problems.push({ at: name, detail: files.unreadable });
    return;
  }
  const read = files.config === null ? { config: {} } : readModelConfig(files.config);
  const faults = 'faults' in read ? read.faults : [];
  const config = 'config' in read ? read.config : {};
  for (const [label, version] of Object.entries(alone ? {} : (config.labels ?? {})))
    if (!files.versions.has(version))
      found.problems.push({
        at: name,
        pointer: `/labels/${label}`,
        detail: `names the version ${version}, which is not there`,
      });
  for (const version of chosenVersions(config.versionPolicy, [...files.versions.keys()])) {
    const path = files.versions.get(version)?.path;
    if (path === undefined) continue;
    const one = await checkVersion(prober, settings, { name, config, version, path });
    found.versions.push({ ...one, problems: [...faults, ...one.problems] });
  }
}

async function told({ versions, problems }: Found): Promise<string> {
  const { problemText, reportOf } = await import('./check/report.js');
  const wrong = problems.map((problem) => `${problem.at}: ${problemText(problem)}`);
  return `${[...versions.map(reportOf), ...wrong].join('\n\n')}\n`;
}

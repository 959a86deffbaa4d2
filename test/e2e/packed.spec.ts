/** What `npm pack` makes is enough to serve with: nothing of this project lies beside it but the packages that it asks for. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { launch, oriel } from '../cli.js';
import { HOUSE } from '../houses.js';
import { eventually, MODELS, PROJECT, temporaryFolder } from '../server.js';

const user = temporaryFolder();
const installed = join(user, 'node_modules/oriel');
let files: string[];

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): string {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|node_options|onnxruntime)/i.test(name),
  );
  const env = { ...Object.fromEntries(inherited), ...environment };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Packs a copy of the project, since packing builds and moves package.json, and installs it without npm, which would compile. */
beforeAll(() => {
  const copy = temporaryFolder();
  for (const part of ['dist', 'scripts', 'package.json', 'package-lock.json', 'README.md', 'LICENSE'])
    cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  run(process.execPath, [join(PROJECT, 'node_modules/tsx/dist/cli.mjs'), 'scripts/package.ts'], copy);
  const [packed] = JSON.parse(run('npm', ['pack', '--ignore-scripts', '--json'], copy)) as [
    { filename: string; files: { path: string }[] },
  ];
  files = packed.files.map(({ path }) => path);
  mkdirSync(installed, { recursive: true });
  run('tar', ['xzf', join(copy, packed.filename), '-C', installed, '--strip-components', '1'], copy);
  const { dependencies } = manifest();
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(user, 'node_modules', name)), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules', name), join(user, 'node_modules', name));
  }
  cpSync(join(MODELS, 'boston-housing'), join(user, 'models/houses'), { recursive: true });
});

function manifest(): Record<string, unknown> & { dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as ReturnType<typeof manifest>;
}

test('it holds only what is needed to run', () => {
  expect(files.filter((path) => !/^dist\/[\w.-]+\.js$/.test(path)).sort()).toEqual([
    'LICENSE', 'README.md', 'package.json', 'scripts/preinstall.js',
  ]); // prettier-ignore
  expect(Object.keys(manifest().dependencies)).toEqual([
    '@fastify/static', 'better-sqlite3', 'onnxruntime-node', 'swagger-ui-dist',
  ]); // prettier-ignore
  expect(Object.keys(manifest())).not.toEqual(
    expect.arrayContaining(['private', 'devDependencies', 'overrides']),
  );
});

test('it serves a folder of models, with its documentation', async () => {
  const cli = join(installed, 'dist/cli.js');
  const { child, ended, output } = launch(['serve', './models', '--port', '0'], { cwd: user, cli });
  const url = await eventually('the address is printed', () => {
    if (child.exitCode !== null) throw new Error(output.stderr);
    return /^Oriel is ready at (http:\S+)/m.exec(output.stdout)?.[1];
  });
  const answer = await fetch(`${url}/v1/models/houses/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(HOUSE),
  });
  expect(await answer.json()).toMatchObject({ prediction: [expect.closeTo(30.0038, 3)] });
  expect((await fetch(`${url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
  expect(await oriel(['verify', './data'], { cwd: user, cli })).toMatchObject({ code: 0 });
});

describe('before the install scripts of other packages', () => {
  /** The install script of the runtime, in a place of its own, and what it requires. */
  function runtime(): { folder: string; text: () => string } {
    const folder = temporaryFolder();
    cpSync(join(installed, 'scripts'), join(folder, 'node_modules/oriel/scripts'), { recursive: true });
    cpSync(join(installed, 'package.json'), join(folder, 'node_modules/oriel/package.json'));
    const script = 'node_modules/onnxruntime-node/script';
    cpSync(join(PROJECT, script), join(folder, script), { recursive: true });
    for (const name of ['global-agent', 'adm-zip'])
      symlinkSync(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
    return { folder, text: () => readFileSync(join(folder, script, 'install.js'), 'utf8') };
  }
  const prepare = (folder: string, environment?: NodeJS.ProcessEnv): string =>
    run(process.execPath, ['scripts/preinstall.js'], join(folder, 'node_modules/oriel'), environment);

  test('the runtime is told to fetch no files for CUDA', () => {
    const { folder, text } = runtime();
    prepare(folder);
    const once = text();
    prepare(folder);
    expect(text()).toBe(once);
    run(process.execPath, ['./script/install'], join(folder, 'node_modules/onnxruntime-node'));
  });

  test('who wants them is left to', () => {
    const { folder, text } = runtime();
    const before = text();
    prepare(folder, { ONNXRUNTIME_NODE_INSTALL: 'cuda12' });
    expect(text()).toBe(before);
  });
});

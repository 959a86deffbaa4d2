/**
 * `npm run container`: carries the Dockerfile out without a container engine, and tries what comes of it. Its build stage runs on this
 * machine's own root, which stays read-only; its last stage on a fresh Debian root, made by mmdebstrap; and the server in that root, by
 * chroot, as the user of the image, with a root file system that cannot be written. Needs Linux, root, mmdebstrap and bubblewrap.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allOf, environmentOf, faultsOf, stagesOf, type Stage } from './container/dockerfile.js';

const PROJECT = resolve(import.meta.dirname, '..');
const MIB = 2 ** 20;
const HOUSE =
  '{"RAD":1,"PTRATIO":15.3,"INDUS":2.31,"B":396.9,"ZN":18,"DIS":4.09,"CRIM":0.00632,"RM":6.575,"AGE":65.2,"CHAS":0,"NOX":0.538,"TAX":296,"LSTAT":4.98}';

const { values } = parseArgs({ options: { debian: { type: 'string' }, install: { type: 'boolean' } } });
const work = mkdtempSync(join(tmpdir(), 'oriel-container-'));
const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });
const bytesOf = (path: string): number => Number(run('du', ['-sb', path]).split('\t')[0]);

/** The build stage, on this machine's root: `npm ci` is what made the packages that lie here, unless told to be carried out too. */
function build(stage: Stage): (path: string) => string {
  const places = new Map([['/oriel', join(work, 'oriel')], ['/runtime', join(work, 'runtime')], ['/locale', join(work, 'locale')]]); // prettier-ignore
  for (const place of places.values()) mkdirSync(place);
  const inside = (path: string): string => {
    if (path === '/usr/local/bin/node') return process.execPath;
    for (const [from, to] of places) if (path === from || path.startsWith(`${from}/`)) return to + path.slice(from.length);
    return path;
  }; // prettier-ignore
  const made = [...places.keys()].filter((path) => !existsSync(path));
  const binds = [...places].flatMap(([from, to]) => ['--bind', to, from]);
  for (const { name, rest } of stage.instructions) {
    if (name === 'COPY') copyFromProject(rest, join(work, 'oriel'));
    if (name !== 'RUN') continue;
    if (rest === 'npm ci' && !values.install) {
      run('cp', ['-al', join(PROJECT, 'node_modules'), join(work, 'oriel/node_modules')]);
      continue;
    }
    const command = rest.replace(/apt-get update.*?&&\s*apt-get install[^&]*&&/, ''); // locales, which this machine has, or it fails
    console.log(`build: ${command}`);
    run('bwrap', ['--ro-bind', '/', '/', '--tmpfs', '/tmp', '--dev', '/dev', '--proc', '/proc', ...emptyPlaces(binds), '--chdir', '/oriel', 'sh', '-c', command]); // prettier-ignore
  }
  for (const path of made) rmdirSync(path); // where bubblewrap bound them
  return inside;
}

/** Places that this machine's root lacks can only be bound where something can be made. */
function emptyPlaces(binds: readonly string[]): readonly string[] {
  for (let at = 2; at < binds.length; at += 3) mkdirSync(binds[at] as string, { recursive: true });
  return binds;
}

function copyFromProject(rest: string, to: string): void {
  const parts = rest.split(/\s+/);
  for (const from of parts.slice(0, -1)) {
    if (!existsSync(join(PROJECT, from)))
      throw new Error(`the Dockerfile copies ${from}, which is not there`);
    cpSync(join(PROJECT, from), resolve(to, parts.at(-1) === './' ? from : (parts.at(-1) as string)), { recursive: true }); // prettier-ignore
  }
}

/** The last stage, on a Debian root. @returns what it adds to it, in bytes */
function assemble(stage: Stage, root: string, inside: (path: string) => string): number {
  let added = 0;
  for (const { name, rest } of stage.instructions) {
    if (name === 'COPY') {
      const [, from = '', to = ''] = rest.split(/\s+/);
      mkdirSync(join(root, dirname(to)), { recursive: true });
      cpSync(inside(from), join(root, to), { recursive: true });
      added += bytesOf(inside(from));
    } else if (name === 'RUN') run('chroot', [root, 'sh', '-c', rest]);
  }
  return added;
}

/** Starts the image's command in the root, as its user. */
function serve(stage: Stage, root: string, folders: Record<string, string>): ReturnType<typeof spawn> {
  const [user = ''] = allOf(stage, 'USER');
  const [command = ''] = JSON.parse(allOf(stage, 'ENTRYPOINT')[0] ?? '[]') as string[];
  const args = JSON.parse(allOf(stage, 'CMD').at(-1) ?? '[]') as string[];
  const environment = { ...environmentOf(stage), PATH: '/usr/local/bin:/usr/bin:/bin', ORIEL_ALLOW_ANONYMOUS: 'true', ORIEL_PORT: '0' }; // prettier-ignore
  const mounts = Object.entries(folders).map(([to, from]) => `mount --bind ${from} ${root}${to}`);
  const script = [
    'set -e',
    `mount --bind ${root} ${root}`,
    `mount -o remount,bind,ro ${root}`,
    ...mounts,
    `mount -o remount,bind,ro ${root}/models`,
    `mount -t proc proc ${root}/proc`,
    `mount --rbind /dev ${root}/dev`,
    `exec chroot --userspec=${user} ${root} env -i ${Object.entries(environment).map(([key, value]) => `${key}=${value}`).join(' ')} ${command} ${args.join(' ')}`,
  ].join('\n'); // prettier-ignore
  return spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
}

async function tryOut(stage: Stage, root: string): Promise<void> {
  const [models, data] = [join(work, 'models'), join(work, 'data')];
  cpSync(join(PROJECT, 'models'), models, { recursive: true });
  cpSync(join(PROJECT, 'test/fixtures/text/lowered'), join(models, 'lowered'), { recursive: true });
  mkdirSync(data);
  const [user = ''] = allOf(stage, 'USER');
  run('chown', [user, data]);
  run('chmod', ['-R', 'a+rX', models, work]);
  const child = serve(stage, root, { '/models': models, '/data': data });
  const url = await new Promise<string>((found, fail) => {
    let said = '';
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const port = /^Oriel is ready at http:\S+:(\d+)/m.exec(said)?.[1];
      if (port) found(`http://127.0.0.1:${port}`);
    });
    child.once('exit', (code) => fail(new Error(`the server left with ${code}`)));
  });
  const ask = async (path: string, body: string): Promise<string> => {
    const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} is answered ${answer.status}: ${text}`);
    return text;
  }; // prettier-ignore
  try {
    console.log(await ask('/v1/models/boston-housing/predict', HOUSE));
    const lowered = await ask('/v1/models/lowered/predict', '{"text":"ÄRGER in Łódź"}');
    if (!lowered.includes('ärger in łódź')) throw new Error(`the text model answers ${lowered}`);
    console.log(lowered);
    for (const path of ['/health/ready', '/docs', '/openapi.json'])
      if (!(await fetch(url + path)).ok) throw new Error(`${path} is not answered`);
    console.log(run('ls', ['-ln', data]));
  } finally {
    // The first process of its own process namespace, as in a container; unshare only waits for it.
    run('pkill', ['-TERM', '-P', String(child.pid)]);
  }
  const code = await new Promise((left) => child.once('exit', left));
  if (code !== 0) throw new Error(`at SIGTERM the server left with ${String(code)}`);
}

async function main(): Promise<void> {
  const stages = stagesOf(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
  const faults = faultsOf(stages);
  if (faults.length > 0) throw new Error(faults.join(' '));
  const [first, last] = [stages[0] as Stage, stages.at(-1) as Stage];
  const inside = build(first);
  const root = join(work, 'root');
  mkdirSync(root);
  const archive = values.debian ?? join(work, 'debian.tar');
  const release = /:(\w+)-slim$/.exec(last.from)?.[1] ?? '';
  if (!existsSync(archive))
    run('mmdebstrap', ['--variant=minbase', '--mode=root', '--quiet', release, archive]);
  run('tar', ['-xf', archive, '-C', root]);
  const added = assemble(last, root, inside);
  console.log(`the last stage adds ${(added / MIB).toFixed(0)} MiB to ${last.from}:`);
  for (const [name, path] of [['node', '/usr/local/bin/node'], ['locale', '/usr/lib/locale/en_US.UTF-8'], ['onnxruntime-node', '/oriel/node_modules/onnxruntime-node'], ['the rest of Oriel', '/oriel']] as const) // prettier-ignore
    console.log(`  ${name}: ${((bytesOf(join(root, path)) - (path === '/oriel' ? bytesOf(join(root, '/oriel/node_modules/onnxruntime-node')) : 0)) / MIB).toFixed(1)} MiB`); // prettier-ignore
  await tryOut(last, root);
  console.log('the image serves, as a user without rights, on a root that it cannot write');
}

try {
  await main();
} finally {
  rmSync(work, { recursive: true, force: true });
}

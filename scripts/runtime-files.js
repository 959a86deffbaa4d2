/**
 * `node scripts/runtime-files.js OUT`: copies what the built server needs to run on this kind of machine, and nothing else: `dist`, and of
 * the packages that stay outside of the bundle the files that are read at run time.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const PACKAGES = ['better-sqlite3', 'onnxruntime-node', '@fastify/static', 'swagger-ui-dist'];

/** What packages depend on only to be installed. */
const INSTALL_ONLY = new Set(['prebuild-install', 'adm-zip', 'global-agent', '@scarf/scarf']);

/** Of packages with much that is not read at run time: the files and folders that are. */
const ONLY = {
  'better-sqlite3': ['lib', 'build/Release/better_sqlite3.node'],
  'onnxruntime-node': ['dist', `bin/napi-v6/${process.platform}/${process.arch}`],
  'swagger-ui-dist': [
    'index.js',
    'absolute-path.js',
    'favicon-16x16.png',
    'favicon-32x32.png',
    'swagger-ui.css',
    'swagger-ui-bundle.js',
    'swagger-ui-standalone-preset.js',
  ],
};
const ALWAYS = ['package.json', 'LICENSE', 'LICENSE.md', 'LICENSE.txt', 'NOTICE', 'ThirdPartyNotices.txt'];
/** Read by no program. */
const LEFT_OUT = /\.(map|md|markdown|ts|tsbuildinfo)$|[/\\](test|tests|docs|benchmark|examples?)([/\\]|$)/;

/** Where a package lies that a folder asks for, as Node looks for it. */
function found(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (folder === dirname(folder)) throw new Error(`the package ${name} is not installed`);
  }
}

/** The folders of packages and of what they need to run. */
function closure(names, from, seen = new Map()) {
  for (const name of names) {
    const path = found(name, from);
    if (seen.has(path)) continue;
    seen.set(path, name);
    const { dependencies = {} } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    closure(
      Object.keys(dependencies).filter((one) => !INSTALL_ONLY.has(one)),
      path,
      seen,
    );
  }
  return seen;
}

function copy(from, to) {
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => !LEFT_OUT.test(path.slice(from.length)),
  });
}

function copyPackage(path, name, root, out) {
  const to = join(out, path.slice(root.length + sep.length));
  mkdirSync(to, { recursive: true });
  if (!ONLY[name]) return copy(path, to);
  const always = readdirSync(path).filter((file) => ALWAYS.includes(file));
  for (const part of [...always, ...ONLY[name]]) copy(join(path, part), join(to, part));
}

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('usage: node scripts/runtime-files.js OUT');
const root = process.cwd();
for (const [path, name] of closure(PACKAGES, root)) copyPackage(path, name, root, out);
copy(join(root, 'dist'), join(out, 'dist'));
for (const file of ['package.json', 'LICENSE']) copy(join(root, file), join(out, file));
chmodSync(join(out, 'dist/cli.js'), 0o755);

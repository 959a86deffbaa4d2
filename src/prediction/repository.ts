import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Settings } from '../config/settings.js';

/** One version of a model on disk. */
export interface VersionFiles {
  /** The model file. */
  path: string;
  /** Changes whenever the model file, or one beside it in the version's folder, is written or replaced. */
  fingerprint: string;
  /** When the last of them was written, in epoch milliseconds. */
  writtenAt: number;
}

/** What the models directory holds of one model, before anything of it is loaded. */
export interface ModelFiles {
  name: string;
  /** Text of `model.json`, null where there is none. */
  config: string | null;
  versions: ReadonlyMap<string, VersionFiles>;
  /** Why a part of it cannot be read, for a person. */
  unreadable?: string;
}

/** Names of models and versions: what can stand in a URL as it is, and does not begin with a dot. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const MODEL_FILE = 'model.onnx';
/** The version of a model that lies there without one. */
const ONLY_VERSION = '1';

/**
 * What is to be served: the models of a directory, or, where a name is given, the one model that the directory itself is.
 */
export function listed({
  modelsDir,
  modelName,
}: Pick<Settings, 'modelsDir' | 'modelName'>): Promise<ModelFiles[]> {
  return modelName === '' ? listModels(modelsDir) : listOne(modelsDir, modelName);
}

/** A directory that is one model: `<version>/model.onnx`, or `model.onnx` or else its only `.onnx` (version 1), and maybe `model.json`. */
async function listOne(directory: string, name: string): Promise<ModelFiles[]> {
  const model = { ...(await readable(dirname(directory), basename(directory))), name };
  if (model.versions.size > 0) return [model];
  const files = (await entriesOf(directory)).filter(
    (entry) => !entry.isDirectory && entry.name.endsWith('.onnx') && NAME.test(entry.name),
  );
  const [only, ...more] = files;
  const version = only && more.length === 0 ? await versionFiles(join(directory, only.name), []) : null;
  if (!version) return [];
  const config = await textOf(join(directory, 'model.json'));
  return [{ name, config, versions: new Map([[ONLY_VERSION, version]]) }];
}

/**
 * Lists the models of a directory: `<name>/<version>/model.onnx`, or a bare `<name>/model.onnx` or `<name>.onnx` (version 1),
 * beside an optional `<name>/model.json`. The path of one such file lists that one alone.
 */
export async function listModels(directory: string): Promise<ModelFiles[]> {
  if ((await stat(directory).catch(() => null))?.isFile()) return onlyModel(resolve(directory));
  const entries = await entriesOf(directory);
  const folders = entries.filter((entry) => entry.isDirectory && NAME.test(entry.name));
  const models = await Promise.all(folders.map(({ name }) => readable(directory, name)));
  const named = new Set(models.filter((model) => model.versions.size > 0).map(({ name }) => name));
  const files = entries.filter((entry) => !entry.isDirectory && entry.name.endsWith('.onnx'));
  for (const { name: file } of files) {
    const name = file.slice(0, -'.onnx'.length);
    if (!NAME.test(name) || named.has(name)) continue;
    const version = await versionFiles(join(directory, file), []);
    if (version) models.push({ name, config: null, versions: new Map([[ONLY_VERSION, version]]) });
  }
  return models.filter((model) => model.versions.size > 0);
}

async function onlyModel(file: string): Promise<ModelFiles[]> {
  const folder = dirname(file);
  const above = dirname(folder);
  if (basename(file) !== MODEL_FILE) {
    const version = await versionFiles(file, []);
    const name = nameFrom(basename(file).replace(/\.onnx$/, ''));
    return version ? [{ name, config: null, versions: new Map([[ONLY_VERSION, version]]) }] : [];
  }
  const version = await folderVersion(folder);
  if (!version) return [];
  const config = await textOf(join(above, 'model.json'));
  return config !== null || /^\d+$/.test(basename(folder))
    ? [{ name: nameFrom(basename(above)), config, versions: new Map([[basename(folder), version]]) }]
    : [
        {
          name: nameFrom(basename(folder)),
          config: await textOf(join(folder, 'model.json')),
          versions: new Map([[ONLY_VERSION, version]]),
        },
      ];
}

/** The name of a model whose file or folder may have any. */
function nameFrom(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '');
  return name === '' ? 'model' : name;
}

/** A model of which something cannot be read is listed all the same, to be told. */
async function readable(directory: string, name: string): Promise<ModelFiles> {
  const folder = join(directory, name);
  try {
    return await modelFiles(directory, name);
  } catch (error) {
    const { code = 'for an unknown reason', path = folder } = error as NodeJS.ErrnoException;
    const unreadable = `${relative(directory, path)} cannot be read (${code}).`;
    const version: VersionFiles = { path: folder, fingerprint: unreadable, writtenAt: 0 };
    return { name, config: null, versions: new Map([[ONLY_VERSION, version]]), unreadable };
  }
}

async function modelFiles(directory: string, name: string): Promise<ModelFiles> {
  const folder = join(directory, name);
  const versions = new Map<string, VersionFiles>();
  for (const entry of await entriesOf(folder)) {
    if (entry.isDirectory && NAME.test(entry.name)) {
      const version = await folderVersion(join(folder, entry.name));
      if (version) versions.set(entry.name, version);
    } else if (entry.name === MODEL_FILE && !versions.has(ONLY_VERSION)) {
      const version = await versionFiles(join(folder, MODEL_FILE), []);
      if (version) versions.set(ONLY_VERSION, version);
    }
  }
  if (versions.size === 0) return { name, config: null, versions };
  return { name, config: await textOf(join(folder, 'model.json')), versions };
}

async function folderVersion(folder: string): Promise<VersionFiles | null> {
  const entries = await entriesOf(folder);
  if (!entries.some(({ name }) => name === MODEL_FILE)) return null;
  const beside = entries.filter(
    ({ name, isDirectory }) => !isDirectory && name !== MODEL_FILE && !name.startsWith('.'),
  );
  return versionFiles(
    join(folder, MODEL_FILE),
    beside.map(({ name }) => join(folder, name)),
  );
}

/** The state of a model file and of those beside it; null when there is no such regular file (any more). */
async function versionFiles(path: string, beside: readonly string[]): Promise<VersionFiles | null> {
  const marks: string[] = [];
  let writtenAt = 0;
  for (const file of [path, ...beside]) {
    const info = await stat(file).catch(() => null);
    if (!info?.isFile()) {
      if (file === path) return null;
      continue; // gone, or not a file: no part of the model
    }
    marks.push(`${info.ino}:${info.size}:${info.mtimeMs}`);
    writtenAt = Math.max(writtenAt, info.mtimeMs);
  }
  return { path, fingerprint: marks.join(' '), writtenAt };
}

async function entriesOf(directory: string): Promise<{ name: string; isDirectory: boolean }[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return await Promise.all(
      entries.map(async (entry) => ({
        name: entry.name,
        isDirectory: entry.isSymbolicLink()
          ? ((await stat(join(directory, entry.name)).catch(() => null))?.isDirectory() ?? false)
          : entry.isDirectory(),
      })),
    );
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw Object.assign(error as NodeJS.ErrnoException, { path }); // a folder in its place is only found out by reading
  }
}

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the models directory holds of one model, before anything of it is loaded. */
export interface ModelFiles {
  name: string;
  /** Text of `model.json`, null where there is none. */
  config: string | null;
  /** The model file of each version. */
  versions: ReadonlyMap<string, string>;
}

/** Names of models and versions: what can stand in a URL as it is, and does not begin with a dot. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Lists the models of a directory: `<name>/<version>/model.onnx` beside an optional `<name>/model.json`. */
export async function listModels(directory: string): Promise<ModelFiles[]> {
  const names = await namesIn(directory);
  const models = await Promise.all(names.map((name) => modelFiles(directory, name)));
  return models.filter((model) => model.versions.size > 0);
}

async function modelFiles(directory: string, name: string): Promise<ModelFiles> {
  const folder = join(directory, name);
  const versions = new Map<string, string>();
  for (const version of await namesIn(folder)) {
    const file = join(folder, version, 'model.onnx');
    if (await isFile(file)) versions.set(version, file);
  }
  return { name, config: await textOf(join(folder, 'model.json')), versions };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false; // whatever the reason, there is no model to load here
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

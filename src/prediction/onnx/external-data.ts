import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, isAbsolute, normalize, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ModelError } from './model-error.js';
import type { Graph, Model, SparseTensor, Tensor } from './proto.js';

const EXTERNAL = 1;

/**
 * The files beside a model that hold its weights: regular files inside the version's own folder, reached through no link.
 * @throws ModelError for any other
 */
export async function externalFiles(model: Model, path: string): Promise<string[]> {
  const found = new Set<string>();
  noteLocations(model.graph ?? {}, found);
  for (const { node } of model.functions) noteLocations({ node }, found);
  return filesNamed([...found].sort(), path);
}

/** The files of these names beside a model, where they may hold its weights. @throws ModelError for any that may not */
export function filesNamed(names: readonly string[], path: string): Promise<string[]> {
  const folder = dirname(path);
  return Promise.all(names.map((location) => checked(folder, location)));
}

/** SHA-256 over a model file and the files of its weights, in the order of their names. */
export async function digestOf(bytes: Uint8Array, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(bytes);
  for (const file of files) await feed(hash, file);
  return hash.digest('hex');
}

async function feed(hash: Hash, file: string): Promise<void> {
  await pipeline(createReadStream(file), async (chunks) => {
    for await (const chunk of chunks) hash.update(chunk as Buffer);
  });
}

function noteLocations(graph: Graph, found: Set<string>): void {
  const note = (tensor: Tensor | null | undefined): void => {
    if (tensor && Number(tensor.dataLocation) === EXTERNAL)
      found.add(tensor.externalData?.find(({ key }) => key === 'location')?.value ?? '');
  };
  const noteSparse = (sparse: SparseTensor | null | undefined): void => {
    for (const part of sparse ? partsOf(sparse) : []) note(part);
  };
  graph.initializer?.forEach(note);
  graph.sparseInitializer?.forEach(noteSparse);
  for (const node of graph.node ?? []) {
    for (const attribute of node.attribute ?? []) {
      note(attribute.t);
      attribute.tensors?.forEach(note);
      noteSparse(attribute.sparseTensor);
      attribute.sparseTensors?.forEach(noteSparse);
      for (const inner of [attribute.g, ...(attribute.graphs ?? [])]) if (inner) noteLocations(inner, found);
    }
  }
}

/** A sparse tensor is two plain ones. */
function partsOf({ values, indices }: SparseTensor): Tensor[] {
  return [values, indices].filter((part): part is Tensor => Boolean(part));
}

async function checked(folder: string, location: string): Promise<string> {
  const file = resolve(folder, location);
  const inside = relative(folder, file);
  if (!location || isAbsolute(location) || inside.startsWith('..') || normalize(location) !== inside) {
    throw new ModelError(`The model keeps weights outside its own folder (${JSON.stringify(location)}).`);
  }
  let at = folder;
  for (const part of inside.split(/[\\/]/)) {
    at = resolve(at, part);
    const stat = await lstat(at).catch(() => null);
    if (!stat) throw new ModelError(`The file of its weights, ${JSON.stringify(location)}, is missing.`);
    if (stat.isSymbolicLink())
      throw new ModelError(
        `The file of its weights, ${JSON.stringify(location)}, is reached through a link.`,
      );
    if (at === file && !stat.isFile())
      throw new ModelError(`The file of its weights, ${JSON.stringify(location)}, is not a regular file.`);
  }
  return file;
}

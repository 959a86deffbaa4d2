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
  const folder = dirname(path);
  const graphs: Graph[] = [model.graph ?? {}, ...model.functions.map(({ node }) => ({ node }))];
  const files = [...new Set(graphs.flatMap((graph) => locations(graph)))].sort();
  return Promise.all(files.map((location) => checked(folder, location)));
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

function locations(graph: Graph): string[] {
  const sparse = graph.sparseInitializer ?? [];
  const tensors: Tensor[] = [...(graph.initializer ?? []), ...sparse.flatMap(partsOf)];
  const inner: string[] = [];
  for (const node of graph.node ?? []) {
    for (const attribute of node.attribute ?? []) {
      if (attribute.t) tensors.push(attribute.t);
      tensors.push(...(attribute.tensors ?? []));
      for (const one of [attribute.sparseTensor, ...(attribute.sparseTensors ?? [])])
        if (one) tensors.push(...partsOf(one));
      if (attribute.g) inner.push(...locations(attribute.g));
      for (const sub of attribute.graphs ?? []) inner.push(...locations(sub));
    }
  }
  const own = tensors
    .filter((tensor) => Number(tensor.dataLocation) === EXTERNAL)
    .map((tensor) => tensor.externalData?.find(({ key }) => key === 'location')?.value ?? '');
  return [...own, ...inner];
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

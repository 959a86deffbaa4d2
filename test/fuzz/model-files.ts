/** Model files made wrong: in their bytes, and in their graphs. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import {
  ModelProto,
  TensorProto,
  type Graph,
  type Model,
  type Node,
  type Tensor,
} from '../../src/prediction/onnx/proto.js';
import { endless, filled, graphOf, subgraph } from '../onnx.js';
import { mutatedBytes } from './mutations.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['test/fixtures/models', 'test/fixtures/tongues', 'test/fixtures/load', 'models'];
/** Larger seeds only make the same faults slower. */
const LARGEST_SEED = 200_000;

function modelFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith('.onnx') && statSync(path).size <= LARGEST_SEED)
    .sort();
}

/** Models that are right, from all over the project. */
export const SEEDS: readonly Buffer[] = FOLDERS.flatMap((folder) => modelFiles(join(PROJECT, folder))).map(
  (path) => readFileSync(path),
);

type Change = (graph: Graph, model: Model, pick: number, other: number) => void;
const one = <T>(list: T[] | null | undefined, pick: number): T | undefined =>
  list?.[pick % Math.max(1, list.length)];
const SIZES = [-1, 0, 1, 2, 7, 2 ** 31, 2 ** 40, -(2 ** 40), 2 ** 53];
const WORDS = [
  '',
  'x',
  'y',
  '/',
  '../../etc/passwd',
  '\u0000',
  'ai.onnx.ml',
  'a'.repeat(10_000),
  '__proto__',
  'INVALID-UTF8',
];
const PATHS = [
  '../../etc/passwd',
  '/etc/passwd',
  '/dev/zero',
  '/proc/self/mem',
  '.',
  '',
  'model.onnx',
  'nowhere.bin',
  '..\\..\\x',
  'a/../../b',
];
const OPERATORS = [
  'Loop',
  'If',
  'Scan',
  'Add',
  'Div',
  'Mod',
  'Gather',
  'Reshape',
  'Conv',
  'MatMul',
  'Telepathy',
  'TopK',
  'ZipMap',
  'SequenceConstruct',
  'TreeEnsembleRegressor',
  'Tile',
  'Expand',
  'Resize',
  'NonMaxSuppression',
  'StringNormalizer',
  'TfIdfVectorizer',
  'Einsum',
  'GRU',
];

function addWeights(graph: Graph, path: string): void {
  const tensor: Tensor = {
    name: 'w',
    dataType: 1,
    dims: [2],
    dataLocation: TensorProto.DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: path },
      { key: 'offset', value: '-1' },
      { key: 'length', value: '99999999999' },
    ],
  };
  graph.initializer = [...(graph.initializer ?? []), tensor];
}

/** A node whose subgraph has such a node, and so on. */
function nested(depth: number): Node {
  let inner: object = { opType: 'Identity', input: ['x'], output: ['inner'] };
  for (let level = 0; level < depth; level++) {
    const graph = { ...graphOf({ nodes: [], inputs: [], outputs: [['inner', [1]]] }), node: [inner] };
    inner = {
      opType: 'If',
      input: ['yes'],
      output: ['inner'],
      attribute: ['then_branch', 'else_branch']
        .map((name) => ({ name, type: 5, g: graph }))
        .slice(0, depth > 12 ? 1 : 2),
    };
  }
  return inner;
}

const CHANGES: readonly Change[] = [
  (graph, _, pick, other) => Object.assign(one(graph.initializer, pick) ?? {}, { dims: [SIZES[other % SIZES.length], SIZES[pick % SIZES.length]] }),
  (graph, _, pick, other) => Object.assign(one(graph.initializer, pick) ?? {}, { dataType: other % 25 }),
  (graph, _, pick, other) => Object.assign(one(graph.initializer, pick) ?? {}, { rawData: Buffer.alloc(other % 100_000, pick) }),
  (graph, _, pick, other) => Object.assign(one(graph.initializer, pick)?.dims ?? [], [SIZES[other % SIZES.length]]),
  (graph, _, pick, other) => Object.assign(one(graph.input, pick)?.type?.tensorType ?? {}, { elemType: other % 25 }),
  (graph, _, pick, other) => Object.assign(one(graph.output, pick)?.type?.tensorType ?? {}, { elemType: other % 25 }),
  (graph, _, pick, other) => Object.assign(one(graph.input, pick)?.type?.tensorType?.shape ?? {}, { dim: Array.from({ length: other % 6 }, (__, at) => ({ dimValue: SIZES[(pick + at) % SIZES.length] })) }),
  (graph, _, pick) => Object.assign(one(graph.input, pick) ?? {}, { type: pick % 2 ? null : { sequenceType: { elemType: { tensorType: { elemType: 1 } } } } }),
  (graph, _, pick, other) => Object.assign(one(graph.node, pick) ?? {}, { opType: OPERATORS[other % OPERATORS.length] }),
  (graph, _, pick, other) => Object.assign(one(graph.node, pick) ?? {}, { domain: WORDS[other % WORDS.length] }),
  (graph, _, pick, other) => Object.assign(one(graph.node, pick)?.input ?? [], [one(graph.node, other)?.output?.[0] ?? '']), // may be a cycle
  (graph, _, pick, other) => Object.assign(one(graph.node, pick)?.output ?? [], [one(graph.node, other)?.output?.[0] ?? '']),
  (graph, _, pick, other) => Object.assign(one(graph.initializer, pick) ?? {}, { name: one(graph.initializer, other)?.name ?? one(graph.input, other)?.name }),
  (graph, _, pick, other) => Object.assign(one(graph.input, pick) ?? {}, { name: WORDS[other % WORDS.length] }),
  (graph, _, pick) => void graph.node?.reverse().splice(pick % (graph.node.length + 1), 1),
  (graph, _, pick, other) => void graph.node?.push(...Array.from({ length: other % 300 }, () => ({ ...one(graph.node, pick) }))),
  (graph, _, pick, other) => {
    const part = one(one(graph.node, pick)?.attribute, other);
    Object.assign(part ?? {}, { type: other % 16, i: SIZES[other % SIZES.length], f: other % 2 ? NaN : 1e38, ints: SIZES, floats: [NaN, Infinity], s: Buffer.from(WORDS[pick % WORDS.length] ?? '') });
  },
  (graph, _, pick, other) => {
    const part = one(one(graph.node, pick)?.attribute, other);
    for (const name of ['ints', 'floats', 'strings'] as const) if (part?.[name]) Object.assign(part, { [name]: part[name].slice(0, other % (part[name].length + 1)) });
  },
  (graph, _, __, other) => void (addWeights(graph, PATHS[other % PATHS.length] ?? ''), graph.node?.push({ opType: 'Identity', input: ['w'], output: ['unused'] })),
  (graph, _, pick) => void graph.node?.push(nested(pick % 200)),
  (_, model, pick, other) => Object.assign(one(model.opsetImport, pick) ?? {}, { version: [0, -1, 1, 5, 22, 999, 2 ** 53][other % 7] }),
  (_, model, __, other) => Object.assign(model, { irVersion: [0, -1, 3, 13, 999, 2 ** 53][other % 6] }),
  (_, model, pick, other) => Object.assign(model, { metadataProps: [{ key: WORDS[pick % WORDS.length], value: 'v'.repeat(other % 100_000) }], docString: WORDS[other % WORDS.length] }),
  (graph) => Object.assign(graph, { output: [] }),
  (graph, _, pick, other) => void graph.node?.push({ opType: 'Loop', input: ['', '', ''], output: ['looped'], attribute: [subgraph('body', { nodes: [['Identity', ['i'], ['o']]], inputs: [['i', [], other % 14]], outputs: [['o', [], pick % 14]] })] }),
  (graph, model) => Object.assign(model, { functions: [{ name: 'f', domain: 'own', node: (graph.node ?? []).slice(0, 3), input: ['x'], output: ['y'], opsetImport: model.opsetImport }] }),
]; // prettier-ignore

/** A name in it that is no text. */
function withoutUtf8(bytes: Buffer): Buffer {
  const at = bytes.indexOf('INVALID-UTF8');
  if (at >= 0) bytes.fill(0xff, at, at + 4);
  return bytes;
}

const restructured = fc
  .record({
    seed: fc.nat(),
    changes: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 4 }),
  })
  .map(({ seed, changes }) => {
    const original = SEEDS[seed % SEEDS.length] as Buffer;
    const model = ModelProto.decode(original);
    try {
      for (const [kind, pick, other] of changes)
        CHANGES[kind % CHANGES.length]?.(model.graph ?? {}, model, pick, other);
      return withoutUtf8(Buffer.from(ModelProto.encode(model).finish()));
    } catch {
      return original; // a change that cannot be written down is none
    }
  });

const GIANTS = [endless(), filled(1_000_000_000), filled(10_000_000_000), filled(-5)].map((bytes) =>
  Buffer.from(bytes),
);

/** Model files without end; those that never end or take much memory are rare, since each costs its time. */
export const hostileModels: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 500, arbitrary: restructured },
  { weight: 250, arbitrary: fc.nat().chain((seed) => mutatedBytes(SEEDS[seed % SEEDS.length] as Buffer)) },
  { weight: 1, arbitrary: fc.constantFrom(...GIANTS) },
);

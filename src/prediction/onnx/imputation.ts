import type { TensorSpec } from '../signature.js';
import { attribute, type Graph, type Node } from './proto.js';

const INT64 = 7;

/** Which column of which input each column of a table is. */
type Columns = readonly (readonly [input: string, column: number])[];

/**
 * The columns of a graph's inputs in which NaN stands for a value that is missing and that the graph fills in: all that is ever
 * done with them is to go, moved about but unchanged, into an Imputer (`ai.onnx.ml`) that replaces NaN.
 * @returns for each input the numbers of its columns
 */
export function imputedColumns(graph: Graph, inputs: readonly TensorSpec[]): number[][] {
  const known = new Map<string, Columns>(
    inputs.flatMap(({ name, type, shape }) => {
      const width = shape.length === 1 ? 1 : shape[1];
      if (!type.startsWith('float') || shape.length > 2 || typeof width !== 'number') return [];
      return [[name, Array.from({ length: width }, (_, column) => [name, column] as const)]];
    }),
  );
  const filled = new Set<string>();
  const used = new Set<string>();
  const note = (into: Set<string>, columns: Columns): void => {
    for (const [input, column] of columns) into.add(`${input}/${column}`);
  };
  for (const node of graph.node ?? []) {
    const tables = (node.input ?? []).map((name) => known.get(name));
    const moved = movedBy(node, tables, graph);
    if (moved) known.set(node.output?.[0] ?? '', moved);
    else for (const table of tables) note(replacesNaN(node) ? filled : used, table ?? []);
    for (const part of node.attribute ?? [])
      if (part.g || (part.graphs ?? []).length > 0) for (const table of known.values()) note(used, table); // a subgraph sees all
  }
  for (const { name } of graph.output ?? []) note(used, known.get(name ?? '') ?? []);
  return inputs.map(({ name }) =>
    (known.get(name) ?? []).flatMap(([, column]) =>
      filled.has(`${name}/${column}`) && !used.has(`${name}/${column}`) ? [column] : [],
    ),
  );
}

/** The columns that a node which only moves them about gives; undefined for any other node. */
function movedBy(
  node: Node,
  [first, ...more]: readonly (Columns | undefined)[],
  graph: Graph,
): Columns | undefined {
  switch (node.opType) {
    case 'Identity':
    case 'Cast':
      return first;
    case 'Concat':
      return Number(attribute(node, 'axis')?.i ?? 0) === 1 && first && more.every((one) => one !== undefined)
        ? [first, ...more].flat()
        : undefined;
    case 'ArrayFeatureExtractor': {
      const indices = integersOf(graph, node.input?.[1]);
      return first && indices?.every((index) => index >= 0 && index < first.length)
        ? indices.map((index) => first[index] as Columns[number])
        : undefined;
    }
    default:
      return undefined;
  }
}

function replacesNaN(node: Node): boolean {
  return node.opType === 'Imputer' && Number.isNaN(attribute(node, 'replaced_value_float')?.f ?? 0);
}

/** A constant of integers by its name. */
function integersOf(graph: Graph, name: string | undefined): number[] | undefined {
  const tensor = graph.initializer?.find((one) => one.name === name);
  if (tensor?.dataType !== INT64) return undefined;
  const raw = Buffer.from(tensor.rawData ?? []);
  if (raw.length === 0) return (tensor.int64Data ?? []).map(Number);
  return Array.from({ length: raw.length / 8 }, (_, at) => Number(raw.readBigInt64LE(at * 8)));
}

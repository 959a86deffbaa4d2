import type { AggregateOp } from '../definition.js';
import type { EngineLimits, Json } from '../messages.js';
import { Collection, Extreme, type Placed } from './collections.js';
import { DistinctSet } from './distinct-set.js';
import { QuantileSketch } from './quantile-sketch.js';

/** What an aggregate keeps that is more than a few numbers. */
export type Cell = Extreme | Collection | DistinctSet | QuantileSketch;

/** How cells of one kind are made, fed, merged and kept. */
export interface CellKind<C extends Cell = Cell> {
  /** Whether a cell holds many values, and not a few numbers. */
  bulky: boolean;
  create(): C;
  add(cell: C, placed: Placed): void;
  merge(into: C, from: C): void;
  encode(cell: C): Json;
  decode(encoded: Json): C;
}

/** @returns undefined for operators that keep numbers only */
export function cellKind(op: AggregateOp, limits: EngineLimits): CellKind | undefined {
  switch (op) {
    case 'first':
    case 'last':
      return extremes(op);
    case 'collect':
      return collections(limits.collected);
    case 'distinct':
      return distinctSets(limits.distinct);
    case 'quantile':
      return SKETCHES;
    default:
      return undefined;
  }
}

const SKETCHES: CellKind<QuantileSketch> = {
  bulky: false,
  create: () => new QuantileSketch(),
  add: (cell, { value }) => cell.add(value as number),
  merge: (into, from) => into.merge(from),
  encode: (cell) => cell.encode(),
  decode: (encoded) => QuantileSketch.decode(encoded),
};

function distinctSets(bound: number): CellKind<DistinctSet> {
  return {
    bulky: true,
    create: () => new DistinctSet(bound),
    add: (cell, { value }) => cell.add(value),
    merge: (into, from) => into.merge(from),
    encode: (cell) => cell.encode(),
    decode: (encoded) => DistinctSet.decode(encoded, bound),
  };
}

function extremes(which: 'first' | 'last'): CellKind<Extreme> {
  return {
    bulky: false,
    create: () => new Extreme(which),
    add: (cell, placed) => cell.take(placed),
    merge: (into, { held }) => {
      if (held) into.take(held);
    },
    encode: ({ held }) => held && [held.time, held.arrival, held.value],
    decode: (encoded) => {
      const cell = new Extreme(which);
      if (encoded !== null) cell.take(placedOf(encoded));
      return cell;
    },
  };
}

function collections(bound: number): CellKind<Collection> {
  return {
    bulky: true,
    create: () => new Collection(bound),
    add: (cell, placed) => cell.take(placed),
    merge: (into, from) => {
      for (const placed of from.placed) into.take(placed);
      if (from.truncated) into.truncated = true;
    },
    encode: ({ placed, truncated }) => [truncated, placed.map((one) => [one.time, one.arrival, one.value])],
    decode: (encoded) => {
      const [truncated, placed] = encoded as [boolean, Json[]];
      const cell = new Collection(bound);
      for (const one of placed) cell.take(placedOf(one));
      cell.truncated = truncated;
      return cell;
    },
  };
}

function placedOf(encoded: Json): Placed {
  const [time, arrival, value] = encoded as [number, number, Json];
  return { time, arrival, value };
}

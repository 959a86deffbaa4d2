import type { AggregateDefinition, AggregateOp } from '../definition.js';
import type { EngineEvent, EngineLimits, Json } from '../messages.js';
import { cellKind, type Cell, type CellKind } from './cells.js';
import { Collection, Extreme } from './collections.js';
import { QuantileSketch } from './quantile-sketch.js';
import { addTo, mergeSums, sumOf } from './sum.js';

/** What some events come to: numbers, of which the first is how many events there are, and what needs more than numbers. */
export interface Fold {
  lanes: number[];
  cells: Cell[] | null;
}

/** What a fold says to the aggregates of a window. */
export interface Reading {
  values: Record<string, Json>;
  truncated?: string[];
  approximate?: string[];
}

export type FoldReader = (fold: Fold) => Reading;

type Aggregates = Readonly<Record<string, AggregateDefinition>>;

const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
/** Mean and sum of squared distances from it, by Welford (1962) and, for merging, Chan, Golub, LeVeque (1979). */
const MOMENTS = 4;

/** Numbers that are kept of one field; `lane` is the first of them. */
interface NumberStep {
  kind: number;
  field: number;
  lane: number;
  /** The lane that counts the field's values. */
  count: number;
}

interface CellStep {
  kind: CellKind;
  field: number;
}

/**
 * All that is kept of events for the aggregates of some windows, each thing once: a mean and a sum of one field share their sum.
 * Law: merging the folds of parts of some events, in order of time, is the fold of them all.
 */
export class Kit {
  /** Numbers of a fold. */
  get width(): number {
    return this.fresh.length;
  }

  private readonly fresh: number[] = [0];
  private row: readonly number[] | undefined;
  private readonly steps: NumberStep[] = [];
  private readonly cellSteps: CellStep[] = [];
  private readonly places = new Map<string, number>();

  /** @param fields the fields of `EngineEvent.values`, in their order */
  constructor(
    sets: readonly Aggregates[],
    private readonly fields: readonly string[],
    private readonly limits: EngineLimits,
  ) {
    for (const set of sets) for (const aggregate of Object.values(set)) this.place(aggregate);
  }

  empty(): Fold {
    return { lanes: this.fresh.slice(), cells: this.freshCells() };
  }

  copy(fold: Fold): Fold {
    const copy = { lanes: fold.lanes.slice(), cells: this.freshCells() };
    if (copy.cells) this.mergeCells(copy.cells, fold.cells);
    return copy;
  }

  freshCells(): Cell[] | null {
    return this.cellSteps.length > 0 ? this.cellSteps.map(({ kind }) => kind.create()) : null;
  }

  /** A place for a start, and then the numbers of a fold of nothing. */
  get freshRow(): readonly number[] {
    return (this.row ??= [-Infinity, ...this.fresh]);
  }

  /** Whether folds hold values themselves, so that keeping one for each slice would multiply them. */
  get isBulky(): boolean {
    return this.cellSteps.some(({ kind }) => kind.bulky);
  }

  /** The numbers of a fold of nothing. */
  get freshLanes(): readonly number[] {
    return this.fresh;
  }

  /** @param at where the fold's numbers begin in `lanes` */
  add(lanes: number[], at: number, cells: Cell[] | null, event: EngineEvent, arrival: number): void {
    const { values, time } = event;
    lanes[at] = (lanes[at] as number) + 1;
    for (const { kind, field, lane, count } of this.steps) {
      const value = values[field];
      if (typeof value !== 'number') continue;
      const place = at + lane;
      if (kind === COUNT) lanes[place] = (lanes[place] as number) + 1;
      else if (kind === SUM) addTo(lanes, place, value);
      else if (kind === MIN) {
        if (value < (lanes[place] as number)) lanes[place] = value;
      } else if (kind === MAX) {
        if (value > (lanes[place] as number)) lanes[place] = value;
      } else addToMoments(lanes, place, value, lanes[at + count] as number);
    }
    if (cells)
      for (const [index, { kind, field }] of this.cellSteps.entries()) {
        const value = values[field];
        if (value !== null && value !== undefined) kind.add(cells[index] as Cell, { time, arrival, value });
      }
  }

  /** Merges the fold whose numbers begin at `from` in `fromLanes` into the one at `at`. */
  merge(
    { lanes, cells }: Fold,
    fromLanes: readonly number[],
    from: number,
    fromCells: readonly Cell[] | null,
  ): void {
    // Backwards: moments need both counts as they were.
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const { kind, lane, count } = this.steps[i] as NumberStep;
      const other = fromLanes[from + lane] as number;
      if (kind === COUNT) lanes[lane] = (lanes[lane] as number) + other;
      else if (kind === SUM) mergeSums(lanes, lane, fromLanes, from + lane);
      else if (kind === MIN) {
        if (other < (lanes[lane] as number)) lanes[lane] = other;
      } else if (kind === MAX) {
        if (other > (lanes[lane] as number)) lanes[lane] = other;
      } else
        mergeMoments(
          lanes,
          lane,
          lanes[count] as number,
          fromLanes,
          from + lane,
          fromLanes[from + count] as number,
        );
    }
    lanes[0] = (lanes[0] as number) + (fromLanes[from] as number);
    if (cells) this.mergeCells(cells, fromCells);
  }

  private mergeCells(cells: Cell[], from: readonly Cell[] | null): void {
    if (!from) return;
    for (const [index, { kind }] of this.cellSteps.entries())
      kind.merge(cells[index] as Cell, from[index] as Cell);
  }

  /** How the aggregates of one window read a fold. */
  reader(aggregates: Aggregates): FoldReader {
    const numbers: [name: string, read: (lanes: readonly number[]) => number | null][] = [];
    const cells: [name: string, place: number, q: number | null][] = [];
    for (const [name, aggregate] of Object.entries(aggregates)) {
      const place = this.places.get(placeOf(aggregate));
      if (place === undefined || aggregate.field === null) numbers.push([name, this.numberOf(aggregate)]);
      else cells.push([name, place, aggregate.q]);
    }
    const names = Object.keys(aggregates);
    const inOrder = cells.length === 0;
    return (fold) => {
      const reading: Reading = { values: {} };
      if (!inOrder) for (const name of names) reading.values[name] = null; // the order of the definition
      for (const [name, read] of numbers) reading.values[name] = safe(read(fold.lanes));
      for (const [name, place, q] of cells) readCell(reading, name, (fold.cells as Cell[])[place] as Cell, q);
      return reading;
    };
  }

  /** @returns JSON that `decodeCells` reads */
  encodeCells(cells: readonly Cell[] | null): Json {
    return cells && cells.map((cell, index) => (this.cellSteps[index] as CellStep).kind.encode(cell));
  }

  decodeCells(encoded: Json): Cell[] | null {
    if (encoded === null) return null;
    return (encoded as readonly Json[]).map((one, index) =>
      (this.cellSteps[index] as CellStep).kind.decode(one),
    );
  }

  private numberOf({ op, field }: AggregateDefinition): (lanes: readonly number[]) => number | null {
    if (field === null) return (lanes) => lanes[0] as number;
    const count = this.lane(COUNT, field);
    if (op === 'count') return (lanes) => lanes[count] as number;
    const read = this.valueOf(op, field, count);
    return (lanes) => (lanes[count] === 0 ? null : read(lanes));
  }

  private valueOf(op: AggregateOp, field: string, count: number): (lanes: readonly number[]) => number {
    const kind = kindOf(op);
    const lane = this.lane(kind, field, count);
    if (op === 'sum') return (lanes) => sumOf(lanes, lane);
    if (op === 'mean') return (lanes) => sumOf(lanes, lane) / (lanes[count] as number);
    if (op === 'variance') return (lanes) => (lanes[lane + 1] as number) / (lanes[count] as number);
    if (op === 'stddev') return (lanes) => Math.sqrt((lanes[lane + 1] as number) / (lanes[count] as number));
    return (lanes) => lanes[lane] as number;
  }

  private place(aggregate: AggregateDefinition): void {
    const { op, field } = aggregate;
    if (field === null) return;
    const kind = cellKind(op, this.limits);
    if (kind) {
      const name = placeOf(aggregate);
      if (this.places.has(name)) return;
      this.places.set(name, this.cellSteps.length);
      this.cellSteps.push({ kind, field: this.fields.indexOf(field) });
      return;
    }
    const count = this.lane(COUNT, field);
    if (op !== 'count') this.lane(kindOf(op), field, count);
  }

  /** The first lane of a kind of number of a field; made where there is none yet. */
  private lane(kind: number, field: string, count = -1): number {
    const name = `${kind} ${field}`;
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const lane = this.fresh.length;
    this.places.set(name, lane);
    this.steps.push({ kind, field: this.fields.indexOf(field), lane, count });
    if (kind === SUM || kind === MOMENTS) this.fresh.push(0, 0);
    else this.fresh.push(kind === MIN ? Infinity : kind === MAX ? -Infinity : 0);
    return lane;
  }
}

/** Quantiles of one field share a sketch, whatever their `q`. */
function placeOf({ op, field }: AggregateDefinition): string {
  return `${op} ${field ?? ''}`;
}

function kindOf(op: AggregateOp): number {
  if (op === 'sum' || op === 'mean') return SUM;
  if (op === 'min') return MIN;
  return op === 'max' ? MAX : MOMENTS;
}

function readCell(reading: Reading, name: string, cell: Cell, q: number | null): void {
  if (cell instanceof Extreme) reading.values[name] = cell.held && cell.held.value;
  else if (cell instanceof QuantileSketch) reading.values[name] = safe(cell.quantile(q ?? 0.5));
  else if (cell instanceof Collection) {
    reading.values[name] = cell.placed.map(({ value }) => value);
    if (cell.truncated) (reading.truncated ??= []).push(name);
  } else {
    reading.values[name] = cell.count();
    if (cell.approximate) (reading.approximate ??= []).push(name);
  }
}

/** JSON has no NaN and no infinities: they are texts, as in all answers. */
function safe(value: number | null): Json {
  return value === null || Number.isFinite(value) ? value : String(value);
}

/** @param count how many values there are with this one */
function addToMoments(lanes: number[], at: number, value: number, count: number): void {
  const mean = lanes[at] as number;
  const away = value - mean;
  const next = mean + away / count;
  lanes[at] = next;
  lanes[at + 1] = (lanes[at + 1] as number) + away * (value - next);
}

function mergeMoments(
  lanes: number[],
  at: number,
  count: number,
  from: readonly number[],
  fromAt: number,
  fromCount: number,
): void {
  if (fromCount === 0) return;
  const total = count + fromCount;
  const away = (from[fromAt] as number) - (lanes[at] as number);
  lanes[at] = (lanes[at] as number) + (away * fromCount) / total;
  lanes[at + 1] =
    (lanes[at + 1] as number) + (from[fromAt + 1] as number) + (away * away * count * fromCount) / total;
}

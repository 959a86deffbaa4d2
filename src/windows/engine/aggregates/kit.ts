import type { AggregateDefinition } from '../definition.js';
import type { EngineEvent, EngineLimits, Json } from '../messages.js';
import { cellKind, type Cell, type CellKind } from './cells.js';
import { Collection, Extreme } from './collections.js';
import { DistinctSet } from './distinct-set.js';
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

  freshCells(): Cell[] | null {
    return this.cellSteps.length > 0 ? this.cellSteps.map(({ kind }) => kind.create()) : null;
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
    if (cells && fromCells)
      for (const [index, { kind }] of this.cellSteps.entries())
        kind.merge(cells[index] as Cell, fromCells[index] as Cell);
  }

  read({ lanes, cells }: Fold, aggregates: Aggregates): Reading {
    const reading: Reading = { values: {} };
    for (const [name, aggregate] of Object.entries(aggregates)) {
      const place = this.places.get(placeOf(aggregate));
      const cell = place === undefined ? undefined : cells?.[place];
      if (!cell) reading.values[name] = safe(this.number(lanes, aggregate));
      else {
        reading.values[name] = valueOf(cell, aggregate);
        if (cell instanceof Collection && cell.truncated) (reading.truncated ??= []).push(name);
        if (cell instanceof DistinctSet && cell.approximate) (reading.approximate ??= []).push(name);
      }
    }
    return reading;
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

  private number(lanes: readonly number[], { op, field }: AggregateDefinition): number | null {
    if (field === null) return lanes[0] as number;
    const count = lanes[this.lane(COUNT, field)] as number;
    if (op === 'count') return count;
    if (count === 0) return null;
    if (op === 'sum') return sumOf(lanes, this.lane(SUM, field));
    if (op === 'mean') return sumOf(lanes, this.lane(SUM, field)) / count;
    if (op === 'min') return lanes[this.lane(MIN, field)] as number;
    if (op === 'max') return lanes[this.lane(MAX, field)] as number;
    const variance = (lanes[this.lane(MOMENTS, field) + 1] as number) / count;
    return op === 'variance' ? variance : Math.sqrt(variance);
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
    if (op === 'sum' || op === 'mean') this.lane(SUM, field);
    else if (op === 'min') this.lane(MIN, field);
    else if (op === 'max') this.lane(MAX, field);
    else if (op !== 'count') this.lane(MOMENTS, field, count);
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

function valueOf(cell: Cell, { q }: AggregateDefinition): Json {
  if (cell instanceof Extreme) return cell.held && cell.held.value;
  if (cell instanceof Collection) return cell.placed.map(({ value }) => value);
  if (cell instanceof QuantileSketch) return cell.quantile(q ?? 0.5);
  return cell.count();
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

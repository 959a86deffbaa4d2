/** Runs worked examples on anything that has Oriel's windows, and compares as the cases' README says. */
import type { StreamDefinition } from '../../src/windows/engine/definition.js';
import type { Json } from '../../src/windows/engine/messages.js';
import {
  assignStream,
  caseStream,
  definitionJson,
  eventOf,
  exclusiveEnd,
  markOf,
  type CaseAggregate,
  type CaseRow,
  type WorkedCase,
} from './case.js';

export interface ToldWindow {
  /** The value of the key's only field. */
  key: Json;
  start: number;
  end: number;
  state: 'open' | 'closed' | 'final';
  revision: number;
  values: Readonly<Record<string, Json>>;
}

export interface LateEvent {
  event: Readonly<Record<string, Json>>;
  missed: readonly { start: number; end: number }[];
  /** Whether it missed all its windows. */
  all: boolean;
}

/** A stream of its own with one window definition, `w`. */
export interface CaseSubject {
  send(event: Record<string, Json>): Promise<void>;
  mark(time: number | 'end'): Promise<void>;
  restart(): Promise<void>;
  /** All windows that are, not those withdrawn, in any order. */
  windows(): Promise<ToldWindow[]>;
  late(): Promise<LateEvent[]>;
}

/** A subject for a definition, and for what a client sends to have it. */
export type Subjects = (definition: StreamDefinition, json: Json) => Promise<CaseSubject>;

/** A difference found, in the words of the case: what should be, what is. */
export interface Comparison {
  what: string;
  expected: unknown[];
  found: unknown[];
}

/** Everything that the case says, side by side with what was found. */
export async function runCase(it: WorkedCase, subjects: Subjects): Promise<Comparison[]> {
  if (it.emit === 'assign') return assign(it, subjects);
  const definition = caseStream(it);
  return new CaseRun(it, await subjects(definition, definitionJson(definition, it.window))).run();
}

async function assign(it: WorkedCase, subjects: Subjects): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const { window, t, expect, expect_start } of it.assign ?? []) {
    const definition = assignStream(window);
    const subject = await subjects(definition, definitionJson(definition, window));
    await subject.send({ k: 'a', t });
    const found = (await subject.windows()).map(({ start, end }) => [start, end] as const);
    found.sort(([a, b], [c, d]) => a - c || b - d);
    const what = `windows of ${t}`;
    if (expect !== undefined)
      comparisons.push({ what, expected: expect.toSorted(([a, b], [c, d]) => a - c || b - d), found });
    if (expect_start !== undefined)
      comparisons.push({ what, expected: [expect_start], found: found.map(([start]) => start) });
  }
  return comparisons;
}

class CaseRun {
  private readonly comparisons: Comparison[] = [];
  private readonly told = new Map<string, number>();
  private firings: unknown[][] = [];

  constructor(
    private readonly it: WorkedCase,
    private readonly subject: CaseSubject,
  ) {}

  async run(): Promise<Comparison[]> {
    const { it, subject } = this;
    for (const entry of it.events) {
      if ('t' in entry) await subject.send(eventOf(entry));
      else if ('watermark' in entry) await subject.mark(markOf(it, entry.watermark));
      else if ('restart' in entry) await subject.restart();
      else await this.compareRows(`at ${entry.check}`, it.expect_at?.[entry.check], it.emit);
      if (it.expect_emissions !== undefined) await this.fire();
    }
    await this.compareRows('at the end', it.expect, it.emit);
    await this.compareRows('the table', it.expect_table, 'table');
    this.compareFirings();
    await this.compareLate();
    return this.comparisons;
  }

  private async compareRows(
    what: string,
    expected: CaseRow[] | undefined,
    emit: WorkedCase['emit'],
  ): Promise<void> {
    if (expected === undefined) return;
    const windows = await this.subject.windows();
    const shown = windows.filter(({ state }) => emit !== 'final' || state === 'final');
    this.compare(what, expected.map((row) => this.expectedRow(row)).filter(isRow), this.rows(shown));
  }

  /** Windows told since the last step. */
  private async fire(): Promise<void> {
    const windows = (await this.subject.windows()).filter(({ state }) => state !== 'open');
    const fresh = windows.filter(({ key, start, end, revision }) => {
      const name = JSON.stringify([key, start, end]);
      if (this.told.get(name) === revision) return false;
      this.told.set(name, revision);
      return true;
    });
    this.firings.push(this.rows(fresh));
  }

  /** In the order of the case; in any order among those of one step. */
  private compareFirings(): void {
    if (this.it.expect_emissions === undefined) return;
    const rest = this.it.expect_emissions.map((row) => this.expectedRow(row)).filter(isRow);
    for (const [step, found] of this.firings.entries())
      this.compare(`firings of step ${step}`, rest.splice(0, found.length), found);
    this.compare('firings that did not come', rest, []);
  }

  private async compareLate(): Promise<void> {
    const { expect_late, expect_partial_late } = this.it;
    if (expect_late === undefined && expect_partial_late === undefined) return;
    const late = await this.subject.late();
    if (expect_late !== undefined)
      this.compare(
        'late for all',
        expect_late.map(eventOf),
        late.filter(({ all }) => all).map(({ event }) => event),
      );
    if (expect_partial_late !== undefined)
      this.compare(
        'misses of others',
        expect_partial_late.map(({ key, t, window: [start, end] }) => [
          key,
          t,
          start,
          exclusiveEnd(this.it, end),
        ]),
        late
          .filter(({ all }) => !all)
          .flatMap(({ event, missed }) =>
            missed.map(({ start, end }) => [event['k'], event['t'], start, end]),
          ),
      );
  }

  private expectedRow({ key, start, end, value }: CaseRow): unknown[] | null {
    return this.row(key, start, exclusiveEnd(this.it, end), value);
  }

  private rows(windows: readonly ToldWindow[]): unknown[] {
    return windows
      .map(({ key, start, end, values }) => this.row(key, start, end, this.valueOf(values)))
      .filter(isRow);
  }

  /** Null where the case does not look at the window. */
  private row(key: Json, start: number, end: number, value: Json): unknown[] | null {
    const { min_start_ms = -Infinity, assert_keys } = this.it;
    const looked = assert_keys?.some((one) => JSON.stringify(one) === JSON.stringify(key)) ?? true;
    return start >= min_start_ms && looked ? [key, start, end, this.ordered(value)] : null;
  }

  private valueOf(values: Readonly<Record<string, Json>>): Json {
    return Array.isArray(this.it.aggregate) ? values : (Object.values(values)[0] ?? null);
  }

  /** Sets in one order. */
  private ordered(value: Json): Json {
    if (Array.isArray(this.it.aggregate)) {
      const members = value as Record<string, Json>;
      return Object.fromEntries(
        this.it.aggregate.map((one) => [one.as ?? '', inOrder(one, members[one.as ?? ''] ?? null)]),
      );
    }
    return inOrder(this.it.aggregate, value);
  }

  private compare(what: string, expected: unknown[], found: unknown[]): void {
    this.comparisons.push({ what, expected: sorted(expected), found: sorted(found) });
  }
}

function inOrder({ as_set }: CaseAggregate, value: Json): Json {
  return as_set === true && Array.isArray(value) ? (sorted(value) as Json) : value;
}

function sorted(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function isRow(row: unknown[] | null): row is unknown[] {
  return row !== null;
}

/** Equal up to 1e-9 of numbers. */
export function alike(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const names = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(b).length &&
    names.every((name) => alike((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]))
  );
}

import type { Database, Statement } from 'better-sqlite3';
import { firstIdAt, timeOfId } from '../id.js';
import { ClassMeasures, NumericMeasures, type ClassQuality, type NumericQuality } from './measures.js';

/** Most items that one query answers. */
export const MAX_ITEMS = 2000;

/** How good a model was. Times are epoch milliseconds of the predictions' arrival; `from` is inclusive, `to` exclusive. */
export interface QualityQuery {
  model: string;
  version?: string;
  from?: number;
  to?: number;
  /** Length of a bucket in milliseconds, above 0; without it each version has one item. */
  every?: number;
}

/** One version in one bucket. The measures of numbers are there where numbers were predicted, those of classes where classes were. */
export interface QualityItem extends Partial<NumericQuality>, Partial<ClassQuality> {
  version: string;
  /** RFC 3339: the bucket; without buckets what was asked for, else from the first prediction to just after the last. */
  from: string;
  to: string;
  /** Predictions of rows whose outcome is known. */
  count: number;
}

export interface QualityAnswer {
  /** Whether the model ever answered a prediction that is on record, or was. */
  known: boolean;
  items: QualityItem[];
  /** Whether there are more than `MAX_ITEMS`; `items` is empty then. */
  tooMany?: true;
}

type Row = readonly [
  requestId: Buffer,
  item: number,
  versionId: number,
  value: string,
  predicted: string,
  probability: number | null,
];

interface Version {
  id: number;
  version: string;
}

const ROWS = `SELECT request_id, item, version_id, value, predicted, probability FROM audit_outcomes
  WHERE model_id = ? AND request_id >= ? AND request_id < ? ORDER BY request_id, seq`;
const BEYOND_ALL = Buffer.alloc(16, 255);

/**
 * Measures predictions by their outcomes. Lives in a reader thread, on a read-only connection. One walk over the outcomes in the
 * order of their predictions' arrival, which is that of their ids: what is held at a time is one prediction and one bucket.
 */
export class QualityQueries {
  private readonly model: Statement;
  private readonly versions: Statement;
  private readonly rows: Statement;

  constructor(database: Database) {
    this.model = database.prepare('SELECT id FROM audit_models WHERE name = ?').pluck();
    this.versions = database.prepare(
      'SELECT v.id, v.version FROM audit_versions v JOIN audit_models m ON m.id = v.model_id WHERE m.name = ?',
    );
    this.rows = database.prepare(ROWS).raw();
  }

  quality({ model, version, from, to, every }: QualityQuery): QualityAnswer {
    const versions = this.versions.all(model) as Version[];
    if (versions.length === 0) return { known: false, items: [] };
    const names = new Map(
      versions
        .filter((one) => version === undefined || one.version === version)
        .map(({ id, version: name }) => [id, name]),
    );
    const report = new Report(every, from, to);
    const least = firstIdAt(from ?? 0);
    const end = to === undefined ? BEYOND_ALL : firstIdAt(to);
    for (const [versionId, time, held] of this.predictions(this.model.get(model) as number, least, end)) {
      const name = names.get(versionId);
      if (name === undefined) continue;
      for (const row of held) report.add(time, name, row);
      if (report.tooMany) return { known: true, items: [], tooMany: true };
    }
    const items = report.end();
    return report.tooMany ? { known: true, items: [], tooMany: true } : { known: true, items };
  }

  /** Each prediction with the outcomes that hold: the newest of each of its rows. */
  private *predictions(
    model: number,
    from: Buffer,
    to: Buffer,
  ): Generator<readonly [version: number, time: number, rows: Iterable<Row>]> {
    let current: Buffer | undefined;
    let held = new Map<number, Row>();
    const done = (): readonly [number, number, Iterable<Row>] => {
      const [first] = held.values();
      return [(first as Row)[2], timeOfId(current as Buffer), held.values()];
    };
    for (const row of this.rows.iterate(model, from, to) as IterableIterator<Row>) {
      const [id, item] = row;
      if (!current?.equals(id)) {
        if (current) yield done();
        current = id;
        held = new Map();
      }
      held.set(item, row);
    }
    if (current) yield done();
  }
}

/** The items of an answer, made as the predictions go by in the order of time. */
class Report {
  private readonly items: QualityItem[] = [];
  private bucket = new Map<string, Gathered>();
  private start = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly every: number | undefined,
    private readonly from: number | undefined,
    private readonly to: number | undefined,
  ) {}

  get tooMany(): boolean {
    return this.items.length + this.bucket.size > MAX_ITEMS;
  }

  add(time: number, version: string, row: Row): void {
    const start = this.every === undefined ? this.start : Math.floor(time / this.every) * this.every;
    if (start !== this.start) this.close();
    this.start = start;
    let gathered = this.bucket.get(version);
    if (!gathered) {
      gathered = new Gathered(time);
      this.bucket.set(version, gathered);
    }
    gathered.add(time, row);
  }

  end(): QualityItem[] {
    this.close();
    return this.items;
  }

  private close(): void {
    const versions = [...this.bucket].sort(([a], [b]) => byVersion.compare(a, b));
    for (const [version, gathered] of versions) {
      const from = this.every === undefined ? (this.from ?? gathered.first) : this.start;
      const to = this.every === undefined ? (this.to ?? gathered.last + 1) : this.start + this.every;
      this.items.push({ version, from: instant(from), to: instant(to), ...gathered.quality });
    }
    this.bucket = new Map();
  }
}

/** So that version 10 comes after version 9. */
const byVersion = new Intl.Collator('en', { numeric: true });

/** The outcomes of one version in one bucket. */
class Gathered {
  private count = 0;
  last: number;
  private readonly numbers = new NumericMeasures();
  private readonly classes = new ClassMeasures();

  constructor(readonly first: number) {
    this.last = first;
  }

  add(time: number, [, , , value, predicted, probability]: Row): void {
    this.count++;
    this.last = time;
    const said: unknown = JSON.parse(predicted);
    const held: unknown = JSON.parse(value);
    if (typeof said === 'string') this.classes.add(said, held as string, probability);
    else this.numbers.add(asArray(said), asArray(held));
  }

  get quality(): Omit<QualityItem, 'version' | 'from' | 'to'> {
    return { count: this.count, ...this.numbers.quality, ...this.classes.quality };
  }
}

function asArray(value: unknown): readonly number[] {
  return (Array.isArray(value) ? value : [value]) as readonly number[];
}

/** Times far outside of what a date can be are shown as its ends. */
function instant(ms: number): string {
  return new Date(Math.min(Math.max(ms, -8.64e15), 8.64e15)).toISOString();
}

import type { Database } from 'better-sqlite3';
import { jsonTextsOf, type KeyValues } from '../key-values.js';
import type { WindowsQuery } from '../messages.js';
import type { Json } from '../engine/messages.js';
import type { StoredWindow, WindowQuery } from './messages.js';

/** A row of `stream_windows`. */
export interface WindowRow {
  start: number;
  end: number;
  key: string;
  revision: number;
  events: number;
  body: string;
  mergedStart: number | null;
  mergedEnd: number | null;
}

export const WINDOW_COLUMNS = `start, "end", "key", revision, events, body, merged_start AS mergedStart, merged_end AS mergedEnd`;

type Value = number | string;

/** SQL conditions and their values, in order. */
class Conditions {
  private readonly texts: string[] = [];
  readonly values: Value[] = [];

  add(text: string, ...values: Value[]): void {
    this.texts.push(text);
    this.values.push(...values);
  }

  get sql(): string {
    return this.texts.join(' AND ');
  }
}

/** Reads the newest that is stored of windows. Lives in a reader thread. */
export class WindowRows {
  constructor(private readonly database: Database) {}

  /** Ordered by start, end, key. */
  page(query: WindowsQuery): StoredWindow[] {
    const where = conditionsOf(query);
    const sql = `SELECT ${WINDOW_COLUMNS} FROM stream_windows WHERE ${where.sql} ORDER BY start, "end", "key" LIMIT ?`;
    return (this.database.prepare(sql).all(...where.values, query.limit) as WindowRow[]).map(knownOf);
  }

  one({ name, window, start, end, key }: WindowQuery): StoredWindow | null {
    const where = conditionsOf({ name, window, withdrawn: 'also', limit: 1 });
    where.add('start = ? AND "end" = ? AND "key" = ?', start, end, key);
    const sql = `SELECT ${WINDOW_COLUMNS} FROM stream_windows WHERE ${where.sql}`;
    const row = this.database.prepare(sql).get(...where.values) as WindowRow | undefined;
    return row ? knownOf(row) : null;
  }
}

function conditionsOf(query: WindowsQuery): Conditions {
  const { name, window, from, to, key, endAbove, endAtMost, withdrawn, after } = query;
  const where = new Conditions();
  where.add(
    'stream_id = (SELECT id FROM streams WHERE name = ?) AND window = ? AND superseded = 0',
    name,
    window,
  );
  if (to !== undefined) where.add('start < ?', to);
  if (from !== undefined) where.add('"end" > ?', from);
  if (withdrawn === 'none') where.add('merged_start IS NULL');
  if (withdrawn === 'only') where.add('merged_start IS NOT NULL');
  else {
    if (endAbove !== undefined) where.add('("end" > ? OR merged_start IS NOT NULL)', endAbove);
    if (endAtMost !== undefined) where.add('("end" <= ? OR merged_start IS NOT NULL)', endAtMost);
  }
  if (key) addKey(where, key);
  if (after) where.add('(start, "end", "key") > (?, ?, ?)', after.start, after.end, after.key);
  return where;
}

/** As `keyFits` compares. A `->` gives JSON text, as it stands in the key. */
function addKey(where: Conditions, wanted: KeyValues): void {
  wanted.forEach((text, at) => {
    if (text !== null) where.add(`"key" -> '$[${at}]' IN (?, ?)`, ...jsonTextsOf(text));
  });
}

export function knownOf(row: WindowRow): StoredWindow {
  const { body, mergedStart, mergedEnd, ...rest } = row;
  const said = JSON.parse(body) as { values: Record<string, Json> };
  const mergedInto =
    mergedStart === null || mergedEnd === null ? {} : { mergedInto: { start: mergedStart, end: mergedEnd } };
  return { ...rest, ...said, ...mergedInto };
}

import type { Database, Statement } from 'better-sqlite3';
import type { StreamDefinition } from '../engine/definition.js';
import type { Span } from '../engine/messages.js';
import { shownAlarm, shownLate } from '../shown-events.js';
import { shownWindow } from '../shown.js';
import { LATE_COLUMNS, readLate, type LateTexts } from './late-rows.js';
import type { EmissionsPage, EmissionsQuery } from './messages.js';
import { knownOf, WINDOW_COLUMNS, type WindowRow } from './window-rows.js';

/** Emissions and characters after which a page ends: what waits for a reader that is slow is no more than that. */
const MOST_LOOKED_AT = 2000;
const MOST_CHARACTERS = 256 * 1024;

interface Told {
  emission: number;
  text: string;
}

type Shape = Pick<StreamDefinition, 'key' | 'lateness'>;

const NEXT = `stream_id = @id AND emission > @after`;
const AFTER = `stream_id = ? AND emission > ? AND emission <= ?`;

/** Reads what live readers are told, in the order in which it came to be. Lives in a reader thread. */
export class Emissions {
  private readonly statements: Record<'id' | 'next' | 'windows' | 'late' | 'alarms', Statement>;

  /** @param readShape what `viewDefinition` wrote, read */
  constructor(
    database: Database,
    private readonly readShape: (definition: unknown) => Shape,
  ) {
    this.statements = {
      id: database.prepare('SELECT id, definition FROM streams WHERE name = ?'),
      next: database
        .prepare(
          `SELECT min(emission) FROM (${['windows', 'late', 'alarms']
            .map((kind) => `SELECT min(emission) AS emission FROM stream_${kind} WHERE ${NEXT}`)
            .join(' UNION ALL ')})`,
        )
        .pluck(),
      windows: database.prepare(
        `SELECT emission, window, ${WINDOW_COLUMNS} FROM stream_windows WHERE ${AFTER} ORDER BY emission`,
      ),
      late: database.prepare(
        `SELECT emission, ${LATE_COLUMNS} FROM stream_late WHERE ${AFTER} ORDER BY emission`,
      ),
      alarms: database.prepare(
        `SELECT emission, raised, at, late_ratio AS lateRatio, events FROM stream_alarms WHERE ${AFTER} ORDER BY emission`,
      ),
    };
  }

  page(query: EmissionsQuery): EmissionsPage {
    const { name, after } = query;
    const stream = this.statements.id.get(name) as { id: number; definition: string } | undefined;
    if (!stream) return { text: '', lookedAt: query.upTo };
    const next = this.statements.next.get({ id: stream.id, after }) as number | null;
    if (next === null || next > query.upTo) return { text: '', lookedAt: query.upTo };
    const upTo = Math.min(query.upTo, next + MOST_LOOKED_AT - 1);
    const shape = this.readShape(JSON.parse(stream.definition));
    const range = [stream.id, after, upTo] as const;
    const kinds = [this.windows(range, query, shape), this.late(range, query, shape), this.alarms(range)];
    const texts: string[] = [];
    let characters = 0;
    for (const { emission, text } of inOrder(kinds)) {
      texts.push(text);
      characters += text.length;
      if (characters >= MOST_CHARACTERS) return { text: texts.join(''), lookedAt: emission };
    }
    return { text: texts.join(''), lookedAt: upTo };
  }

  private *windows(
    range: readonly [number, number, number],
    { window: asked, watermark }: EmissionsQuery,
    shape: Shape,
  ): Generator<Told> {
    const rows = this.statements.windows.iterate(...range) as IterableIterator<
      WindowRow & { emission: number; window: string }
    >;
    for (const { emission, window, ...row } of rows) {
      if (asked !== null && window !== asked) continue;
      const shown = { window, ...shownWindow(shape, knownOf(row), watermark) };
      yield { emission, text: frame('window', shown, emission) };
    }
  }

  private *late(
    range: readonly [number, number, number],
    { window: asked }: EmissionsQuery,
    shape: Shape,
  ): Generator<Told> {
    const rows = this.statements.late.iterate(...range) as IterableIterator<LateTexts & { emission: number }>;
    for (const { emission, ...row } of rows) {
      const late = readLate(row);
      const missed = (span: Span): boolean => span.window === asked;
      if (asked !== null && !late.missed.some(missed)) continue;
      yield { emission, text: frame('late', shownLate(shape, late), emission) };
    }
  }

  private *alarms(range: readonly [number, number, number]): Generator<Told> {
    const rows = this.statements.alarms.iterate(...range) as IterableIterator<{
      emission: number;
      raised: number;
      at: number;
      lateRatio: number;
      events: number;
    }>;
    for (const { emission, ...row } of rows) {
      const alarm = shownAlarm({ ...row, raised: row.raised === 1 });
      yield { emission, text: frame('alarm', alarm, emission) };
    }
  }
}

/** One server-sent event. JSON has no line breaks of its own, so its text is one line of data. */
export function frame(event: string, data: unknown, id?: number): string {
  const named = id === undefined ? '' : `id: ${id}\n`;
  return `${named}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Merges what is in order by itself. */
function* inOrder(sources: readonly Iterator<Told>[]): Generator<Told> {
  const heads = sources.map((source) => ({ source, next: source.next() }));
  try {
    for (;;) {
      let least: (typeof heads)[number] | undefined;
      for (const head of heads)
        if (!head.next.done && (!least || head.next.value.emission < (least.next.value as Told).emission))
          least = head;
      if (!least) return;
      yield least.next.value as Told;
      least.next = least.source.next();
    }
  } finally {
    for (const { source } of heads) source.return?.(); // a statement that is not read to its end keeps its snapshot
  }
}

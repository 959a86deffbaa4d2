import type { Database, Statement } from 'better-sqlite3';
import type { Json } from '../engine/messages.js';
import type { StreamRow } from '../messages.js';
import type { RaisedAlarm } from './messages.js';

type Row = Omit<StreamRow, 'definition'> & { definition: string };

const COLUMNS = 'id, name, definition, created, changed';

const RAISED = `SELECT s.name, a.at, a.late_ratio AS lateRatio, a.events FROM streams s JOIN stream_alarms a ON a.stream_id = s.id
  AND a.emission = (SELECT max(emission) FROM stream_alarms WHERE stream_id = s.id) WHERE a.raised = 1
  AND s.definition ->> '$.alarm' IS NOT NULL ORDER BY s.name`;

/** Reads which streams there are. Lives in a reader thread. */
export class StreamRows {
  private readonly statements: Record<'all' | 'one' | 'head' | 'raised', Statement>;

  constructor(database: Database) {
    this.statements = {
      all: database.prepare(`SELECT ${COLUMNS} FROM streams ORDER BY name`),
      one: database.prepare(`SELECT ${COLUMNS} FROM streams WHERE name = ?`),
      head: database.prepare('SELECT next_emission - 1 FROM streams WHERE name = ?').pluck(),
      raised: database.prepare(RAISED),
    };
  }

  list(): StreamRow[] {
    return (this.statements.all.all() as Row[]).map(parsed);
  }

  one(name: string): StreamRow | null {
    const row = this.statements.one.get(name) as Row | undefined;
    return row ? parsed(row) : null;
  }

  head(name: string): number | null {
    return (this.statements.head.get(name) as number | undefined) ?? null;
  }

  raised(): RaisedAlarm[] {
    return this.statements.raised.all() as RaisedAlarm[];
  }
}

function parsed(row: Row): StreamRow {
  return { ...row, definition: JSON.parse(row.definition) as Json };
}

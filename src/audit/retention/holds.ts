import type { Database, Statement } from 'better-sqlite3';
import { bytesToUuid, timeOfId } from '../id.js';
import type { Hold, HoldFilter } from './messages.js';

interface ActRow {
  kind: 'hold' | 'release';
  time: number;
  detail: string;
}

/** A record as far as a hold can ask about it. */
interface HeldRow {
  id: Buffer;
  outcome: string;
  clientRequestId: string | null;
  route: string;
  principal: string;
  model: string | null;
  version: string | null;
}

/** The holds in force, oldest first: those put on record and not released. */
export function holdsInForce(database: Database): Hold[] {
  const acts = database
    .prepare("SELECT kind, time, detail FROM journal_acts WHERE kind IN ('hold', 'release') ORDER BY seq")
    .all() as ActRow[];
  const holds = new Map<string, Hold>();
  for (const { kind, time, detail } of acts) {
    const said = JSON.parse(detail) as Omit<Hold, 'time'>;
    if (kind === 'release') holds.delete(said.id);
    else holds.set(said.id, { id: said.id, time, reason: said.reason, filter: said.filter });
  }
  return [...holds.values()];
}

/** Whether a record is held. Lives in the journal thread; what it knows is learnt anew after a rollback (`forget`). */
export class Holds {
  private known: Hold[] | undefined;
  private readonly record: Statement;

  constructor(private readonly database: Database) {
    this.record = database.prepare(
      `SELECT r.id AS id, r.outcome AS outcome, r.client_request_id AS clientRequestId, route.route AS route,
         c.principal AS principal, m.name AS model, v.version AS version
       FROM audit_requests r
       LEFT JOIN audit_routes route ON route.id = r.route_id
       LEFT JOIN audit_callers c ON c.id = r.caller_id
       LEFT JOIN audit_models m ON m.id = r.model_id
       LEFT JOIN audit_versions v ON v.id = r.version_id
       WHERE r.seq = ?`,
    );
  }

  get all(): readonly Hold[] {
    return (this.known ??= holdsInForce(this.database));
  }

  forget(): void {
    this.known = undefined;
  }

  /** Whether the record at `seq` is held by any. */
  hold(seq: number): boolean {
    if (this.all.length === 0) return false;
    const row = this.record.get(seq) as HeldRow | undefined;
    return row !== undefined && this.all.some(({ filter }) => covers(filter, row));
  }
}

function covers({ id, from, to, ...texts }: HoldFilter, row: HeldRow): boolean {
  if (id !== undefined && id.toLowerCase() !== bytesToUuid(row.id)) return false;
  const time = timeOfId(row.id);
  if (from !== undefined && time < from) return false;
  if (to !== undefined && time >= to) return false;
  return Object.entries(texts).every(([name, text]) => row[name as keyof typeof texts] === text);
}

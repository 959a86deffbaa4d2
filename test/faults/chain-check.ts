/** Holds the file of the record against its own chain, without the server: nothing is missing, nothing is twice, every head is right. */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { bytesToUuid, uuidToBytes } from '../../src/audit/id.js';
import { InputColumns } from '../../src/audit/input-columns.js';
import { payloadDigest, recordLeaf, type LeafContent } from '../../src/audit/record-leaf.js';
import { actLeaf, type Act } from '../../src/journal/acts.js';
import { FIRST_HEAD, headOf } from '../../src/journal/chain.js';

/** How far a chain is checked. */
export interface Checked {
  seq: number;
  head: Buffer;
}

export const NOTHING_CHECKED: Checked = { seq: 0, head: FIRST_HEAD };

interface RecordRow {
  content: LeafContent;
  leaf: Buffer;
  columns: string | null;
  input: string | null;
  output: string | null;
  truncated: string | null;
  redacted: string | null;
  salt: Buffer | null;
}

/** A file of the record, opened for reading beside the server or after it. */
export class RecordFile {
  private readonly database: Database.Database;

  constructor(dataDir: string) {
    this.database = new Database(join(dataDir, 'oriel.db'), { readonly: true });
  }

  close(): void {
    this.database.close();
  }

  /** How many records there are. */
  get records(): number {
    return this.number('SELECT count(*) FROM audit_requests');
  }

  /** How many records have an id that another one has. */
  get duplicates(): number {
    return this.number('SELECT count(*) - count(DISTINCT id) FROM audit_requests');
  }

  /** How many records there are none of, by those that stand for them. */
  get lost(): number {
    return this.number('SELECT coalesce(sum(lost), 0) FROM audit_requests');
  }

  /** When the last commit was made, by the journal's clock. */
  get lastCommit(): number {
    return this.number('SELECT time FROM journal_commits ORDER BY last_seq DESC LIMIT 1');
  }

  /** Those of the ids that are not on record. */
  missing(ids: Iterable<string>): string[] {
    const find = this.database.prepare('SELECT 1 FROM audit_requests WHERE id = ?');
    return [...ids].filter((id) => find.get(uuidToBytes(id)) === undefined);
  }

  /** The ids on record, in the order of `seq`. */
  ids(): string[] {
    const rows = this.database
      .prepare('SELECT id FROM audit_requests ORDER BY seq')
      .pluck()
      .all() as Buffer[];
    return rows.map((id) => bytesToUuid(id));
  }

  /**
   * Computes the chain anew from where an earlier check ended.
   * @throws Error that names the first `seq` which is missing or twice, or whose content or head is not what was chained
   */
  check(from: Checked = NOTHING_CHECKED): Checked {
    const leaves = this.leaves(from.seq);
    let { seq, head } = from;
    const commits = this.database
      .prepare(
        'SELECT last_seq AS last, time, head FROM journal_commits WHERE last_seq > ? ORDER BY last_seq',
      )
      .all(from.seq) as { last: number; time: number; head: Buffer }[];
    for (const { last, time, head: kept } of commits) {
      const own: Buffer[] = [];
      while (seq < last) own.push(leafAt(leaves, ++seq));
      head = headOf(head, last, time, own);
      if (!head.equals(kept)) throw new Error(`the head of the commit that ends at ${last} is another`);
    }
    if (leaves.size !== seq - from.seq)
      throw new Error(`something is on record after the last commit, ${seq}`);
    const tip = this.database.prepare('SELECT seq, head FROM journal_tip').get() as Checked;
    if (tip.seq !== seq || !tip.head.equals(head)) throw new Error('the tip is not the last head');
    return { seq, head };
  }

  private leaves(after: number): Map<number, Buffer> {
    const leaves = new Map<number, Buffer>();
    const put = (seq: number, leaf: Buffer): void => {
      if (leaves.has(seq)) throw new Error(`${seq} is there twice`);
      leaves.set(seq, leaf);
    };
    for (const row of this.rows(after)) put(row.content[0], leafOfRow(row));
    const acts = this.database.prepare('SELECT * FROM journal_acts WHERE seq > ?').all(after) as (Act & {
      leaf: Buffer;
    })[];
    for (const act of acts) {
      if (!actLeaf(act).equals(act.leaf)) throw new Error(`the act ${act.seq} is not what was chained`);
      put(act.seq, act.leaf);
    }
    for (const table of ['journal_tombstones', 'audit_outcomes']) {
      const others = this.database.prepare(`SELECT seq, leaf FROM ${table} WHERE seq > ?`).all(after) as {
        seq: number;
        leaf: Buffer;
      }[];
      for (const { seq, leaf } of others) put(seq, leaf);
    }
    return leaves;
  }

  private rows(after: number): RecordRow[] {
    const rows = this.database
      .prepare(
        `SELECT r.seq, r.id, route.method, route.route, coalesce(r.path, nullif(route.path, '')), r.status, r.outcome, r.problem,
           caller.principal, caller.source, caller.user_agent, r.trace_id, r.client_request_id, r.total_us, r.queue_us, r.run_us,
           model.name, version.version, version.digest, r.batch, r.cache, r.lost,
           r.leaf, columns.names, payload.input, payload.output, payload.truncated, payload.redacted, payload.salt
         FROM audit_requests r
         JOIN audit_routes route ON route.id = r.route_id
         JOIN audit_callers caller ON caller.id = r.caller_id
         LEFT JOIN audit_models model ON model.id = r.model_id
         LEFT JOIN audit_versions version ON version.id = r.version_id
         LEFT JOIN audit_payloads payload ON payload.seq = r.seq
         LEFT JOIN audit_columns columns ON columns.id = payload.columns_id
         WHERE r.seq > ?`,
      )
      .raw()
      .all(after) as unknown[][];
    return rows.map((row) => {
      const content = row.slice(0, 22);
      content[1] = bytesToUuid(content[1] as Buffer);
      const [leaf, columns, input, output, truncated, redacted, salt] = row.slice(22);
      return { content, leaf, columns, input, output, truncated, redacted, salt } as unknown as RecordRow;
    });
  }

  private number(query: string): number {
    return this.database.prepare(query).pluck().get() as number;
  }
}

function leafAt(leaves: ReadonlyMap<number, Buffer>, seq: number): Buffer {
  const leaf = leaves.get(seq);
  if (!leaf) throw new Error(`${seq} is missing`);
  return leaf;
}

/** @throws Error when the content is not what the kept leaf stands for */
function leafOfRow({ content, leaf, columns, input, output, truncated, redacted, salt }: RecordRow): Buffer {
  const whole =
    columns === null || input === null
      ? input
      : new InputColumns(JSON.parse(columns) as string[]).join(input);
  const digest = salt && payloadDigest(salt, [whole, output, truncated, redacted]);
  if (!recordLeaf(content, digest).equals(leaf))
    throw new Error(`the record ${content[0]} is not what was chained`);
  return leaf;
}

import type { Database } from 'better-sqlite3';
import { actLeaf, type ActKind } from '../../journal/acts.js';
import { bytesToUuid } from '../id.js';
import { InputColumns } from '../input-columns.js';
import { payloadDigest, recordLeaf, type LeafContent } from '../record-leaf.js';

/** One thing on record as the chain sees it. */
export interface Link {
  seq: number;
  /** Null for what has none. */
  id: string | null;
  /** What it is, for people. */
  kind: 'record' | 'outcome' | 'act' | 'tombstone';
  /** The leaf as it is stored; empty where it is none. */
  stored: Buffer;
  /** The leaf of its content as it is now; null where the content itself is gone (a tombstone). */
  computed: Buffer | null;
  /** Whether the payload of a record is erased, and only its digest kept. */
  withoutPayload: boolean;
}

type Raw = readonly unknown[];

/** The texts that records refer to, read once. A reference to what is not there gives null, which no record was made of. */
class Dictionary {
  private readonly rows: Map<unknown, Raw>;

  constructor(database: Database, sql: string) {
    this.rows = new Map(
      (database.prepare(sql).raw().all() as unknown[][]).map(([id, ...rest]) => [id, rest]),
    );
  }

  get(id: unknown): Raw {
    return this.rows.get(id) ?? [];
  }
}

/** Records of requests, in order of `seq`, after one. */
export function* recordLinks(database: Database, after: number): Generator<Link> {
  const routes = new Dictionary(database, 'SELECT id, method, route, path FROM audit_routes');
  const callers = new Dictionary(database, 'SELECT id, principal, source, user_agent FROM audit_callers');
  const models = new Dictionary(database, 'SELECT id, name FROM audit_models');
  const versions = new Dictionary(database, 'SELECT id, version, digest, model_id FROM audit_versions');
  const columns = new Dictionary(database, 'SELECT id, names FROM audit_columns');
  const joiners = new Map<unknown, InputColumns>();
  const inputOf = (line: unknown, columnsId: unknown): string | null => {
    if (line === null || columnsId === null) return line as string | null;
    let joiner = joiners.get(columnsId);
    if (!joiner) joiners.set(columnsId, (joiner = columnsOf(columns.get(columnsId)[0])));
    return typeof line === 'string' ? joiner.join(line) : null;
  };
  const rows = database
    .prepare(
      `SELECT r.seq, r.id, r.route_id, r.caller_id, r.path, r.status, r.outcome, r.problem, r.total_us, r.queue_us, r.run_us,
         r.model_id, r.version_id, r.batch, r.cache, r.trace_id, r.client_request_id, r.lost, r.leaf,
         p.seq, p.columns_id, p.input, p.output, p.truncated, p.redacted, p.salt, p.digest
       FROM audit_requests r LEFT JOIN audit_payloads p ON p.seq = r.seq WHERE r.seq > ? ORDER BY r.seq`,
    )
    .raw()
    .iterate(after) as IterableIterator<Raw>;
  for (const row of rows) {
    const [
      seq, rawId, routeId, callerId, path, status, outcome, problem, totalUs, queueUs, runUs, modelId, versionId, batch,
      cache, traceId, clientRequestId, lost, leaf, payloadSeq, columnsId, input, output, truncated, redacted, salt, digest,
    ] = row; // prettier-ignore
    const [method, route, shared] = routes.get(routeId);
    const [principal, source, userAgent] = callers.get(callerId);
    const [version = null, modelDigest = null, ofModel] = versionId === null ? [] : versions.get(versionId);
    const id = Buffer.isBuffer(rawId) ? bytesToUuid(rawId) : String(rawId);
    const content = [
      seq, id, method, route, path ?? (shared || null), status, outcome, problem, principal, source, userAgent, traceId,
      clientRequestId, totalUs, queueUs, runUs, modelId === null ? null : (models.get(modelId)[0] ?? 0), version,
      modelDigest, batch, cache, lost,
    ] as unknown as LeafContent; // prettier-ignore
    const strayed = versionId !== null && ofModel !== modelId;
    const kept = payloadSeq !== null;
    const withoutPayload = kept && salt === null;
    const payload = !kept
      ? null
      : withoutPayload
        ? bytesOf(digest)
        : payloadDigest(bytesOf(salt), [
            inputOf(input, columnsId),
            output as string | null,
            truncated as string | null,
            redacted as string | null,
          ]);
    // An erased payload must be gone, and only of an erased one is the digest kept; else somebody put it there.
    const planted = withoutPayload ? input !== null || output !== null || digest === null : digest !== null;
    yield {
      seq: seq as number,
      id,
      kind: 'record',
      stored: bytesOf(leaf),
      computed: strayed || planted ? Buffer.alloc(0) : recordLeaf(content, payload),
      withoutPayload,
    };
  }
}

/** Acts, in order of `seq`, after one. */
export function* actLinks(database: Database, after: number): Generator<Link> {
  const rows = database
    .prepare('SELECT seq, time, kind, detail, leaf FROM journal_acts WHERE seq > ? ORDER BY seq')
    .iterate(after) as IterableIterator<{
    seq: number;
    time: number;
    kind: ActKind;
    detail: string;
    leaf: Buffer;
  }>;
  for (const act of rows) {
    const computed = actLeaf(act);
    yield { seq: act.seq, id: null, kind: 'act', stored: bytesOf(act.leaf), computed, withoutPayload: false };
  }
}

/** What is left of what was erased, in order of `seq`, after one. */
export function* tombstoneLinks(database: Database, after: number): Generator<Link> {
  const rows = database
    .prepare('SELECT seq, leaf FROM journal_tombstones WHERE seq > ? ORDER BY seq')
    .iterate(after) as IterableIterator<{ seq: number; leaf: Buffer }>;
  for (const { seq, leaf } of rows)
    yield { seq, id: null, kind: 'tombstone', stored: bytesOf(leaf), computed: null, withoutPayload: false };
}

/** All that several sources hold in order of `seq`; where two have the same, both come. */
export class Links {
  private readonly next: { source: Generator<Link>; link: Link | null }[];

  constructor(sources: readonly Generator<Link>[]) {
    try {
      this.next = sources.map((source) => ({ source, link: following(source) }));
    } catch (error) {
      for (const source of sources) source.return(undefined); // or the connection stays busy with them
      throw error;
    }
  }

  /** What comes next; null at the end. */
  get peek(): Link | null {
    return this.least()?.link ?? null;
  }

  take(): Link | null {
    const least = this.least();
    if (!least) return null;
    const { link } = least;
    least.link = following(least.source);
    return link;
  }

  close(): void {
    for (const { source } of this.next) source.return(undefined);
  }

  private least(): { source: Generator<Link>; link: Link | null } | undefined {
    let least: (typeof this.next)[number] | undefined;
    for (const one of this.next) if (one.link && (!least?.link || one.link.seq < least.link.seq)) least = one;
    return least;
  }
}

function following(source: Generator<Link>): Link | null {
  const next = source.next();
  return next.done ? null : next.value;
}

/** What should be bytes; whatever else an editor put there fits no leaf. */
function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function columnsOf(names: unknown): InputColumns {
  try {
    const parsed: unknown = JSON.parse(String(names));
    return new InputColumns(Array.isArray(parsed) ? parsed.map(String) : []);
  } catch {
    return new InputColumns([]); // not what was written, so no leaf will fit
  }
}

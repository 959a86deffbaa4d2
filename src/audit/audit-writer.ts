import type { Database, Statement } from 'better-sqlite3';
import type { Applier, Place } from '../journal/messages.js';
import { uuidToBytes } from './id.js';
import { InputColumns } from './input-columns.js';
import { Interned } from './interned.js';
import { RecordRedactor } from './record-redactor.js';
import type { RecordTuple } from './record.js';
import type { RecordListener } from './record-listener.js';
import { newSalt, payloadDigest, recordLeaf, type PayloadContent } from './record-leaf.js';

/** Most routes to versions whose columns are remembered; beyond it all are learnt anew. */
const REMEMBERED = 1000;

/** Writes records of requests. Lives in the journal thread, inside the journal's transaction. */
export class AuditWriter implements Applier {
  private readonly routes: Interned;
  private readonly callers: Interned;
  private readonly models: Interned;
  private readonly versions: Interned;
  private readonly names: Interned;
  private readonly request: Statement;
  private readonly payload: Statement;
  private readonly redactor = new RecordRedactor();
  /** The columns of the inputs to each version by each route, as the first of them showed; null where it had none. */
  private readonly columns = new Map<string, InputColumns | null>();

  constructor(
    database: Database,
    private readonly listener?: RecordListener,
  ) {
    this.routes = new Interned(database, 'audit_routes', ['method', 'route', 'path']);
    this.callers = new Interned(database, 'audit_callers', ['principal', 'source', 'user_agent']);
    this.models = new Interned(database, 'audit_models', ['name']);
    this.versions = new Interned(database, 'audit_versions', ['model_id', 'version', 'digest']);
    this.names = new Interned(database, 'audit_columns', ['names']);
    this.request = database.prepare(
      `INSERT INTO audit_requests (seq, id, route_id, caller_id, path, status, outcome, problem, total_us, queue_us, run_us,
         model_id, version_id, batch, cache, trace_id, client_request_id, lost, leaf)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.payload = database.prepare(
      'INSERT INTO audit_payloads (seq, columns_id, input, output, truncated, redacted, salt) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
  }

  apply(payload: unknown, place: Place): void {
    const [
      id, method, route, path, status, outcome, problem, principal, source, userAgent, traceId, clientRequestId,
      totalUs, queueUs, runUs, model, version, digest, batch, cache, , , , lost,
    ] = payload as RecordTuple; // prettier-ignore
    const seq = place.next;
    const modelId = model === null ? null : this.models.id(model, model);
    const versionId =
      modelId === null || version === null
        ? null
        : this.versions.id(`${modelId}\n${version}\n${digest}`, modelId, version, digest ?? '');
    // The address of a version that was found is one of few; any other may be anything, and is not shared.
    const shared = versionId === null ? '' : (path ?? '');
    const kept: PayloadContent | null = this.redactor.payloadOf(payload as RecordTuple);
    const salt = kept && newSalt();
    const leaf = recordLeaf(
      [
        seq, id, method, route, path, status, outcome, problem, principal, source, userAgent, traceId, clientRequestId,
        totalUs, queueUs, runUs, model, versionId === null ? null : version, versionId === null ? null : (digest ?? ''),
        batch, cache, lost,
      ],
      kept && payloadDigest(salt as Buffer, kept),
    ); // prettier-ignore
    const routeId = this.routes.id(`${method}\n${route}\n${shared}`, method, route, shared);
    this.request.run(
      seq,
      uuidToBytes(id),
      routeId,
      this.callers.id(`${principal}\n${source}\n${userAgent}`, principal, source, userAgent),
      shared === '' ? path : null,
      status,
      outcome,
      problem,
      totalUs,
      queueUs,
      runUs,
      modelId,
      versionId,
      batch,
      cache,
      traceId,
      clientRequestId,
      lost,
      leaf,
    );
    if (kept) {
      const columns =
        versionId === null || outcome !== 'ok' ? null : this.columnsOf(versionId, routeId, kept[0]);
      this.keep(seq, columns, kept, salt as Buffer);
    }
    place.take(leaf);
    this.listener?.recorded(payload as RecordTuple, seq, kept);
  }

  flush(): void {
    this.listener?.flush();
  }

  rolledBack(): void {
    this.listener?.rolledBack();
    this.forget();
  }

  /** Ids of callers, routes and the like are looked up anew. */
  forget(): void {
    for (const dictionary of [this.routes, this.callers, this.models, this.versions, this.names])
      dictionary.forget();
    this.columns.clear(); // their ids may be another's now
  }

  private keep(seq: number, columns: InputColumns | null, payload: PayloadContent, salt: Buffer): void {
    const [input, output, truncated, redacted] = payload;
    const line = columns && input !== null ? columns.split(input) : null;
    if (columns && line !== null) {
      const names = JSON.stringify(columns.names);
      this.payload.run(seq, this.names.id(names, names), line, output, truncated, redacted, salt);
    } else this.payload.run(seq, null, input, output, truncated, redacted, salt);
  }

  private columnsOf(versionId: number, routeId: number, input: string | null): InputColumns | null {
    if (input === null) return null;
    const key = `${versionId} ${routeId}`;
    const known = this.columns.get(key);
    if (known !== undefined) return known;
    if (this.columns.size >= REMEMBERED) this.columns.clear();
    const columns = InputColumns.of(input);
    this.columns.set(key, columns);
    return columns;
  }
}

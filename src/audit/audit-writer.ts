import type { Database, Statement } from 'better-sqlite3';
import type { Applier } from '../journal/messages.js';
import { uuidToBytes } from './id.js';
import { Interned } from './interned.js';
import type { RecordTuple } from './record.js';

/** Writes records of requests. Lives in the journal thread, inside the journal's transaction. */
export class AuditWriter implements Applier {
  private readonly routes: Interned;
  private readonly callers: Interned;
  private readonly models: Interned;
  private readonly versions: Interned;
  private readonly request: Statement;
  private readonly payload: Statement;

  constructor(database: Database) {
    this.routes = new Interned(database, 'audit_routes', ['method', 'route']);
    this.callers = new Interned(database, 'audit_callers', ['principal', 'source', 'user_agent']);
    this.models = new Interned(database, 'audit_models', ['name']);
    this.versions = new Interned(database, 'audit_versions', ['model_id', 'version', 'digest']);
    this.request = database.prepare(
      `INSERT INTO audit_requests (id, route_id, caller_id, path, status, outcome, problem, total_us, queue_us, run_us,
         model_id, version_id, batch, cache, trace_id, client_request_id, lost)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.payload = database.prepare(
      'INSERT INTO audit_payloads (seq, input, output, truncated) VALUES (?, ?, ?, ?)',
    );
  }

  apply(payload: unknown): void {
    const [
      id, method, route, path, status, outcome, problem, principal, source, userAgent, traceId, clientRequestId,
      totalUs, queueUs, runUs, model, version, digest, batch, cache, input, output, truncated, lost,
    ] = payload as RecordTuple; // prettier-ignore
    const modelId = model === null ? null : this.models.id(model, model);
    const versionId =
      modelId === null || version === null
        ? null
        : this.versions.id(`${modelId}\n${version}\n${digest}`, modelId, version, digest ?? '');
    const { lastInsertRowid: seq } = this.request.run(
      uuidToBytes(id),
      this.routes.id(`${method}\n${route}`, method, route),
      this.callers.id(`${principal}\n${source}\n${userAgent}`, principal, source, userAgent),
      path,
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
    );
    if (input !== null || output !== null) this.payload.run(seq, input, output, truncated);
  }

  rolledBack(): void {
    for (const dictionary of [this.routes, this.callers, this.models, this.versions]) dictionary.forget();
  }
}

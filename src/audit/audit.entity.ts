import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A method on a route, and the address, as many records share them. */
@Entity('audit_routes')
@Index('audit_routes_key', ['method', 'route', 'path'], { unique: true })
export class AuditRoute {
  @PrimaryColumn('integer') id!: number;
  @Column('text') method!: string;
  @Column('text') route!: string;
  /** The address of a model's version that records share; empty where they have their own, or that of the route. */
  @Column('text') path!: string;
}

/** Who asked, and with what. An empty text stands for "unknown". */
@Entity('audit_callers')
@Index('audit_callers_key', ['principal', 'source', 'userAgent'], { unique: true })
export class AuditCaller {
  @PrimaryColumn('integer') id!: number;
  @Column('text') principal!: string;
  @Column('text') source!: string;
  @Column('text', { name: 'user_agent' }) userAgent!: string;
}

@Entity('audit_models')
@Index('audit_models_key', ['name'], { unique: true })
export class AuditModel {
  @PrimaryColumn('integer') id!: number;
  @Column('text') name!: string;
}

/** One file that answered under a model's version: the same version with other bytes is another row. */
@Entity('audit_versions')
@Index('audit_versions_key', ['modelId', 'version', 'digest'], { unique: true })
export class AuditVersion {
  @PrimaryColumn('integer') id!: number;
  @Column('integer', { name: 'model_id' }) modelId!: number;
  @Column('text') version!: string;
  @Column('text') digest!: string;
}

/** The names in the inputs of records that have the same: a JSON array. */
@Entity('audit_columns')
@Index('audit_columns_key', ['names'], { unique: true })
export class AuditColumns {
  @PrimaryColumn('integer') id!: number;
  @Column('text') names!: string;
}

/** One request. `seq` is the order of commit, the order of `id` that of arrival. */
@Entity('audit_requests')
@Index('audit_requests_id', ['id'], { unique: true })
@Index('audit_requests_model', ['modelId', 'id'], { where: 'model_id IS NOT NULL' })
@Index('audit_requests_errors', ['id'], { where: 'status >= 400' })
@Index('audit_requests_client', ['clientRequestId'], { where: 'client_request_id IS NOT NULL' })
export class AuditRequest {
  @PrimaryColumn('integer') seq!: number;
  @Column('blob') id!: Buffer;
  @Column('integer', { name: 'route_id' }) routeId!: number;
  @Column('integer', { name: 'caller_id' }) callerId!: number;
  @Column('text', { nullable: true }) path!: string | null;
  @Column('integer') status!: number;
  @Column('text') outcome!: string;
  @Column('text', { nullable: true }) problem!: string | null;
  @Column('integer', { name: 'total_us' }) totalUs!: number;
  @Column('integer', { name: 'queue_us', nullable: true }) queueUs!: number | null;
  @Column('integer', { name: 'run_us', nullable: true }) runUs!: number | null;
  @Column('integer', { name: 'model_id', nullable: true }) modelId!: number | null;
  @Column('integer', { name: 'version_id', nullable: true }) versionId!: number | null;
  @Column('integer', { nullable: true }) batch!: number | null;
  @Column('text', { nullable: true }) cache!: string | null;
  @Column('text', { name: 'trace_id', nullable: true }) traceId!: string | null;
  @Column('text', { name: 'client_request_id', nullable: true }) clientRequestId!: string | null;
  @Column('integer', { nullable: true }) lost!: number | null;
  /** Its place in the chain (journal/chain.ts); null in records from before there was one. */
  @Column('blob', { nullable: true }) leaf!: Buffer | null;
}

/** What was asked and answered, as JSON texts; `input` is only the values where `columnsId` says whose they are (input-columns.ts). */
@Entity('audit_payloads')
export class AuditPayload {
  @PrimaryColumn('integer') seq!: number;
  @Column('integer', { name: 'columns_id', nullable: true }) columnsId!: number | null;
  @Column('text', { nullable: true }) input!: string | null;
  @Column('text', { nullable: true }) output!: string | null;
  @Column('text', { nullable: true }) truncated!: string | null;
  /** Which payloads had values taken out by the policy: `input`, `output`, `input,output` or null. */
  @Column('text', { nullable: true }) redacted!: string | null;
  /** The key of its digest; null once the payload is erased. */
  @Column('blob', { nullable: true }) salt!: Buffer | null;
  /** What the record's leaf holds of it; kept only in place of an erased payload. */
  @Column('blob', { nullable: true }) digest!: Buffer | null;
}

/** What turned out to be true, said of one item of a prediction on record. The newest of an item holds. */
@Entity('audit_outcomes')
@Index('audit_outcomes_request', ['requestId', 'item'])
@Index('audit_outcomes_model', ['modelId', 'requestId'])
export class AuditOutcome {
  @PrimaryColumn('integer') seq!: number;
  /** Id of the prediction's record, and which of its rows, from 0. */
  @Column('blob', { name: 'request_id' }) requestId!: Buffer;
  @Column('integer') item!: number;
  @Column('integer', { name: 'model_id' }) modelId!: number;
  @Column('integer', { name: 'version_id' }) versionId!: number;
  /** When it was so, and when it was told; epoch milliseconds. */
  @Column('integer') time!: number;
  @Column('integer', { name: 'recorded_at' }) recordedAt!: number;
  /** JSON texts. */
  @Column('text') value!: string;
  @Column('text') predicted!: string;
  /** What a classifier had given to the true class. */
  @Column('real', { nullable: true }) probability!: number | null;
  @Column('blob') leaf!: Buffer;
}

export const AUDIT_ENTITIES = [
  AuditRoute,
  AuditCaller,
  AuditModel,
  AuditVersion,
  AuditColumns,
  AuditRequest,
  AuditPayload,
  AuditOutcome,
];

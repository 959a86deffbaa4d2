import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A method on a route, as many records share it. */
@Entity('audit_routes')
@Index('audit_routes_key', ['method', 'route'], { unique: true })
export class AuditRoute {
  @PrimaryColumn('integer') id!: number;
  @Column('text') method!: string;
  @Column('text') route!: string;
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

/** One request. `seq` is the order of commit, the order of `id` that of arrival. */
@Entity('audit_requests')
@Index('audit_requests_id', ['id'], { unique: true })
@Index('audit_requests_model', ['modelId', 'id'], { where: 'model_id IS NOT NULL' })
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
}

/** What was asked and answered, as JSON texts. */
@Entity('audit_payloads')
export class AuditPayload {
  @PrimaryColumn('integer') seq!: number;
  @Column('text', { nullable: true }) input!: string | null;
  @Column('text', { nullable: true }) output!: string | null;
  @Column('text', { nullable: true }) truncated!: string | null;
}

export const AUDIT_ENTITIES = [AuditRoute, AuditCaller, AuditModel, AuditVersion, AuditRequest, AuditPayload];

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayUnique,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { parseDuration, parseTime } from '../units.js';
import { A_DURATION, A_TIME } from '../http/time-docs.js';
import type { RecordFilter, RecordOrder } from './audit-queries.js';
import { readFilter } from './filter/filter.js';
import { MAX_FILTER } from './filter/syntax.js';
import { DIMENSIONS, type Dimension } from './stats-queries.js';
import { OUTCOMES, type Outcome } from './record.js';

export const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;
const STATUS = /^([1-5]xx|[1-5][0-9]{2})$/;
const MAX_TOKEN = 200;
const MAX_LATENCY = 1e12;
const NOT_A_TIME = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';

/** A schema that holds every JSON value. */
const ANYTHING = {};

/** A time in a query; what is not one stays a text, which the rule on it then refuses. */
const Time = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? (parseTime(value) ?? value) : value,
  );
const Numeric = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value,
  );

/** How `order` may say what it means: as Oriel names it, or as AIP-132 does. */
const ORDERS: Readonly<Record<string, RecordOrder>> = {
  time: 'time asc',
  '-time': 'time desc',
  'time asc': 'time asc',
  'time desc': 'time desc',
  asc: 'time asc',
  desc: 'time desc',
  latency: 'latency asc',
  '-latency': 'latency desc',
  'latency asc': 'latency asc',
  'latency desc': 'latency desc',
};

/** Which records are meant. */
export class FilterQuery {
  @ApiPropertyOptional({ description: 'Name of the model that answered.', example: 'boston-housing' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  model?: string;

  @ApiPropertyOptional({ description: 'Version of the model that answered.', example: '1' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  version?: string;

  @ApiPropertyOptional({
    description: 'Status code, or a class of them.',
    example: '4xx',
    pattern: STATUS.source,
  })
  @IsOptional()
  @Matches(STATUS, {
    message: 'must be a status code such as 404, or a class of them such as 4xx',
  })
  status?: string;

  @ApiPropertyOptional({ description: 'How the request ended.', enum: OUTCOMES })
  @IsOptional()
  @IsIn([...OUTCOMES], { message: `must be one of ${OUTCOMES.join(', ')}` })
  outcome?: Outcome;

  @ApiPropertyOptional({ description: 'Who asked.' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  principal?: string;

  @ApiPropertyOptional({
    description: 'Route as the API documents it.',
    example: '/v1/models/:model/predict',
  })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  route?: string;

  @ApiPropertyOptional({ description: "The caller's own `X-Request-Id`." })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  clientRequestId?: string;

  @ApiPropertyOptional({
    description: 'Least total latency, in milliseconds.',
    minimum: 0,
    maximum: MAX_LATENCY,
  })
  @IsOptional()
  @Numeric()
  @Max(MAX_LATENCY, { message: `must be at most ${MAX_LATENCY}` })
  @Min(0, { message: 'must not be negative' })
  @IsNumber({}, { message: 'must be a number of milliseconds' })
  minLatency?: number;

  @ApiPropertyOptional({ ...A_TIME, description: 'Arrived at or after: RFC 3339 or epoch milliseconds.' })
  @IsOptional()
  @Time()
  @IsInt({ message: NOT_A_TIME })
  from?: number;

  @ApiPropertyOptional({ ...A_TIME, description: 'Arrived before: RFC 3339 or epoch milliseconds.' })
  @IsOptional()
  @Time()
  @IsInt({ message: NOT_A_TIME })
  to?: number;

  @ApiPropertyOptional({
    description:
      'Conditions in the language of AIP-160 on the members of a record, such as `status >= 500 OR latency.total > 100ms`.',
    example: 'model = "boston-housing" AND NOT outcome = ok',
    maxLength: MAX_FILTER,
  })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  filter?: string;
}

/** Which records to list. */
export class ListRecordsQuery extends FilterQuery {
  @ApiPropertyOptional({
    enum: Object.keys(ORDERS),
    default: '-time',
    description: 'Rising, or falling with a minus.',
  })
  @IsOptional()
  @IsIn(Object.keys(ORDERS), { message: `must be one of ${Object.keys(ORDERS).join(', ')}` })
  order?: string;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Most records on the page.',
    default: DEFAULT_PAGE,
    minimum: 1,
    maximum: MAX_PAGE,
  })
  @IsOptional()
  @Numeric()
  @Max(MAX_PAGE, { message: `must be at most ${MAX_PAGE}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  limit: number = DEFAULT_PAGE;

  @ApiPropertyOptional({ description: 'The `nextPageToken` of the page before.', maxLength: MAX_TOKEN })
  @IsOptional()
  @MaxLength(MAX_TOKEN, { message: 'is too long' })
  @IsString({ message: 'must be given once' })
  pageToken?: string;
}

/** How requests are counted. */
export class StatsRecordsQuery extends FilterQuery {
  @ApiPropertyOptional({
    type: String,
    description: `What to count by, separated by commas: ${DIMENSIONS.join(', ')}.`,
    example: 'model,status',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn([...DIMENSIONS], { each: true, message: `must be some of ${DIMENSIONS.join(', ')}` })
  @ArrayUnique({ message: 'must name each once' })
  by: Dimension[] = [];

  @ApiPropertyOptional({
    ...A_DURATION,
    description: 'Length of a bucket, from 1s, such as 1m or 1d; one bucket without it.',
    example: '1m',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? (parseDuration(value) ?? value) : value,
  )
  @Min(1000, { message: 'must be at least 1s' })
  @IsInt({ message: 'must be a duration such as 30s, 1m or 1d' })
  every?: number;
}

/** @throws OrielError `invalid-parameter` for a wrong `filter` */
export function toFilter(query: FilterQuery): RecordFilter {
  const { model, version, outcome, principal, route, clientRequestId, minLatency, from, to, filter } = query;
  if (filter !== undefined) readFilter(filter);
  const given = { model, version, outcome, principal, route, clientRequestId, minLatency, from, to, filter };
  const rest = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as RecordFilter;
  if (query.status === undefined) return rest;
  const low = Number(query.status.replaceAll('x', '0'));
  return { ...rest, status: [low, query.status.endsWith('xx') ? low + 99 : low] };
}

export function toOrder({ order }: ListRecordsQuery): RecordOrder {
  return ORDERS[order ?? '-time'] as RecordOrder;
}

export class LatencyDto {
  @ApiProperty({ description: 'Arrival to commit, in milliseconds.' }) total!: number;
  @ApiProperty({ type: Number, nullable: true, description: 'Wait for a batch.' }) queue!: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Run of the batch.' }) run!: number | null;
}

/** What turned out to be true of one row of a prediction. */
export class RecordOutcomeDto {
  @ApiProperty({ type: 'integer', description: 'Which row, from 0.' }) item!: number;
  @ApiProperty({ anyOf: [ANYTHING] }) value!: unknown;
  @ApiProperty({ format: 'date-time', description: 'When it was so.' }) time!: string;
  @ApiProperty({ format: 'date-time', description: 'When it was told.' }) recordedAt!: string;
}

/** One request on record. */
export class AuditRecordDto {
  @ApiProperty({ format: 'uuid', description: 'Also the `X-Request-Id` of the answer.' }) id!: string;
  @ApiProperty({ type: 'integer', description: 'Order of commit.' }) seq!: number;
  @ApiProperty({ format: 'date-time', description: 'Arrival.' }) time!: string;
  @ApiProperty({ format: 'date-time' }) completedAt!: string;
  @ApiProperty() latency!: LatencyDto;
  @ApiProperty({ example: 'POST' }) method!: string;
  @ApiProperty({ type: String, nullable: true }) route!: string | null;
  @ApiProperty({ type: String, nullable: true }) path!: string | null;
  @ApiProperty({ type: 'integer', example: 200 }) status!: number;
  @ApiProperty({ enum: OUTCOMES }) outcome!: Outcome;
  @ApiProperty({ type: String, nullable: true, description: '`code` of the problem answered.' }) problem!:
    string | null;
  @ApiProperty({ type: String, nullable: true }) principal!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Address of the caller.' }) source!:
    string | null;
  @ApiProperty({ type: String, nullable: true }) userAgent!: string | null;
  @ApiProperty({ type: String, nullable: true }) traceId!: string | null;
  @ApiProperty({ type: String, nullable: true }) clientRequestId!: string | null;
  @ApiProperty({ type: String, nullable: true }) model!: string | null;
  @ApiProperty({ type: String, nullable: true }) version!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of the model file.' }) digest!:
    string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Rows in the batch.' }) batch!: number | null;
  @ApiProperty({ type: String, nullable: true }) cache!: string | null;
  @ApiPropertyOptional({
    anyOf: [ANYTHING],
    description: 'What was asked; the beginning of it, as a text, when cut.',
  })
  input?: unknown;
  @ApiPropertyOptional({ anyOf: [ANYTHING], description: 'What was answered; the same.' }) output?: unknown;
  @ApiPropertyOptional({ type: [String], description: 'Which of the two were cut at the size limit.' })
  truncated?: string[];
  @ApiPropertyOptional({
    type: [String],
    description: 'Which of the two had values taken out by the policy.',
  })
  redacted?: string[];
  @ApiPropertyOptional({
    type: 'integer',
    description: 'Records that this one stands for because they were lost, between `time` and `completedAt`.',
  })
  lost?: number;
  @ApiPropertyOptional({
    description: 'What turned out to be true (`/v1/outcomes`), the newest last; of one record only.',
  })
  outcomes?: RecordOutcomeDto[];
}

export class AuditRecordPageDto {
  @ApiProperty({ type: [AuditRecordDto] }) items!: AuditRecordDto[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextPageToken?: string;
}

export class PercentilesDto {
  @ApiProperty({ description: 'Milliseconds; by nearest rank.' }) p50!: number;
  @ApiProperty() p90!: number;
  @ApiProperty() p99!: number;
  @ApiProperty() max!: number;
}

/** Requests that are alike in what was asked for, in one bucket. */
export class StatsItemDto {
  @ApiProperty({ format: 'date-time' }) from!: string;
  @ApiProperty({ format: 'date-time' }) to!: string;
  @ApiPropertyOptional({ type: String, nullable: true }) model?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true }) version?: string | null;
  @ApiPropertyOptional({ type: 'integer' }) status?: number;
  @ApiPropertyOptional({ enum: OUTCOMES }) outcome?: Outcome;
  @ApiPropertyOptional({ type: String, nullable: true }) route?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true }) method?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true }) principal?: string | null;
  @ApiProperty({ type: 'integer' }) count!: number;
  @ApiProperty() latency!: PercentilesDto;
}

export class StatsDto {
  @ApiProperty({ type: String, nullable: true, description: 'Length of a bucket.' }) every!: string | null;
  @ApiProperty({ type: [StatsItemDto] }) items!: StatsItemDto[];
}

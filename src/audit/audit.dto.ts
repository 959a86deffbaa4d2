import { ApiPropertyOptional } from '@nestjs/swagger';
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
import { parseDuration } from '../units.js';
import { DEFAULT_PAGE, MAX_PAGE, NOT_A_TIME, NUMBER, Numeric, Time } from '../http/query-values.js';
import { A_DURATION, A_TIME } from '../http/time-docs.js';
import type { RecordFilter, RecordOrder } from './audit-queries.js';
import { readFilter } from './filter/filter.js';
import { MAX_FILTER } from './filter/syntax.js';
import { DIMENSIONS, type Dimension } from './stats-queries.js';
import { OUTCOMES, type Outcome } from './record.js';

const STATUS = /^([1-5]xx|[1-5][0-9]{2})$/;
const MAX_TOKEN = 200;
const MAX_LATENCY = 1e12;

/** Milliseconds in a query, which may be a duration; what is neither stays a text, which the rule on it then refuses. */
const Milliseconds = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    if (typeof value !== 'string') return value;
    return NUMBER.test(value) ? Number(value) : (parseDuration(value) ?? value);
  });

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

/** Which records are meant, but for when. */
export class ConditionsQuery {
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
    anyOf: [
      { type: 'number', minimum: 0, maximum: MAX_LATENCY },
      { ...A_DURATION, type: 'string' },
    ],
    description: 'Least total latency, in milliseconds or as a duration such as 250ms.',
  })
  @IsOptional()
  @Milliseconds()
  @Max(MAX_LATENCY, { message: `must be at most ${MAX_LATENCY}` })
  @Min(0, { message: 'must not be negative' })
  @IsNumber({}, { message: 'must be a number of milliseconds, or a duration such as 250ms' })
  minLatency?: number;

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

/** Which records are meant. */
export class FilterQuery extends ConditionsQuery {
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
export function toFilter(query: ConditionsQuery & { from?: number; to?: number }): RecordFilter {
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

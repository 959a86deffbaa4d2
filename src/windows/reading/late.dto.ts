import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { NOT_A_TIME, Numeric, PageQuery, Time } from '../../http/query-values.js';
import { A_TIME } from '../../http/time-docs.js';

/** Of lists in the order in which things happened. */
export class LogPageQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: ['seq', '-seq'],
    default: 'seq',
    description: 'In the order in which it happened, or with a minus the newest first.',
  })
  @IsOptional()
  @IsIn(['seq', '-seq'], { message: 'must be one of seq, -seq' })
  order: 'seq' | '-seq' = 'seq';
}

export class LateListQuery extends LogPageQuery {
  @ApiPropertyOptional({
    enum: ['any', 'all'],
    default: 'any',
    description: '`all`: only events that missed all their windows.',
  })
  @IsOptional()
  @IsIn(['any', 'all'], { message: 'must be one of any, all' })
  missed: 'any' | 'all' = 'any';
}

const MOST_POINTS = 10_000;
const DEFAULT_POINTS = 1000;

export class TimesListQuery {
  @ApiPropertyOptional({
    ...A_TIME,
    description:
      'Received at or after: RFC 3339 or epoch milliseconds; without it, the newest `limit` events before `to`.',
  })
  @IsOptional()
  @Time()
  @IsInt({ message: NOT_A_TIME })
  from?: number;

  @ApiPropertyOptional({ ...A_TIME, description: 'Received before.' })
  @IsOptional()
  @Time()
  @IsInt({ message: NOT_A_TIME })
  to?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Most points; of more events a part is shown, evenly.',
    default: DEFAULT_POINTS,
    minimum: 1,
    maximum: MOST_POINTS,
  })
  @IsOptional()
  @Numeric()
  @Max(MOST_POINTS, { message: `must be at most ${MOST_POINTS}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  limit: number = DEFAULT_POINTS;
}

class SpanDto {
  @ApiProperty({ example: 'minute' }) window!: string;
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) start!: string;
  @ApiProperty({ example: '2026-01-31T12:01:00.000Z' }) end!: string;
}

export class LateDto {
  @ApiProperty({ type: 'integer', description: 'Its place in the log.' }) seq!: number;
  @ApiProperty({ type: 'object', additionalProperties: true }) key!: Record<string, unknown>;
  @ApiProperty({ format: 'date-time' }) time!: string;
  @ApiProperty({ format: 'date-time' }) received!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'How far it was behind the watermark; null after the end of input.',
    example: '1m30s',
  })
  lateBy!: string | null;
  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'As it was sent; null once it was erased.',
  })
  event!: object | null;
  @ApiProperty({ type: [SpanDto], description: 'Windows that were final when it came.' }) missed!: SpanDto[];
  @ApiProperty({ type: [SpanDto], description: 'Windows that still took it.' }) counted!: SpanDto[];
}

export class LatePageDto {
  @ApiProperty({ type: [LateDto] }) items!: LateDto[];
  @ApiPropertyOptional() nextPageToken?: string;
}

class AlarmDto {
  @ApiProperty({ description: 'Raised, or cleared.' }) raised!: boolean;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ description: 'The share of late events then.' }) lateRatio!: number;
  @ApiProperty({ type: 'integer', description: 'Of how many.' }) events!: number;
}

export class AlarmsPageDto {
  @ApiProperty({ type: [AlarmDto] }) items!: AlarmDto[];
  @ApiPropertyOptional() nextPageToken?: string;
}

class TimeDto {
  @ApiProperty({ format: 'date-time' }) time!: string;
  @ApiProperty({ format: 'date-time' }) received!: string;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Where the stream has sources.' })
  source?: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Just after the event.' }) watermark!:
    string | null;
}

export class TimesDto {
  @ApiProperty({ type: [TimeDto], description: 'In the order in which they were received.' })
  items!: TimeDto[];
  @ApiProperty({ type: 'integer', description: 'How many events there are in the time asked for.' })
  events!: number;
  @ApiProperty({
    description:
      'Whether the watermarks are exact; else the clock was followed only over the newest part of a long log.',
  })
  exact!: boolean;
}

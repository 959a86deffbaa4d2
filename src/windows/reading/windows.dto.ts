import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayUnique, IsIn, IsInt, IsOptional } from 'class-validator';
import { NOT_A_TIME, PageQuery, Time } from '../../http/query-values.js';
import { A_TIME } from '../../http/time-docs.js';
import type { KeyedQuery, KeyParameters } from './keyed-query.pipe.js';
import type { WindowState } from '../shown.js';

export const STATES = ['open', 'closed', 'final', 'withdrawn'] as const;
export const FILLS = ['null', 'previous', 'linear'] as const;
export type Fill = (typeof FILLS)[number];

/** Which windows to list. */
export class WindowsListQuery extends PageQuery implements KeyedQuery {
  /** Not a member until the pipe adds it: as one, it would be a parameter. */
  declare key: KeyParameters;

  @ApiPropertyOptional({
    ...A_TIME,
    description: 'Windows that end after it: RFC 3339 or epoch milliseconds.',
  })
  @IsOptional()
  @Time()
  @IsInt({ message: NOT_A_TIME })
  from?: number;

  @ApiPropertyOptional({ ...A_TIME, description: 'Windows that start before it.' })
  @IsOptional()
  @Time()
  @IsInt({ message: NOT_A_TIME })
  to?: number;

  @ApiPropertyOptional({
    type: String,
    description: `States, separated by commas: ${STATES.join(', ')}.`,
    default: 'open,closed,final',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn([...STATES], { each: true, message: `must be some of ${STATES.join(', ')}` })
  @ArrayUnique({ message: 'must name each once' })
  state: WindowState[] = ['open', 'closed', 'final'];

  @ApiPropertyOptional({
    enum: FILLS,
    description:
      'Adds the windows that nobody is in, for each key, from `from` (else the first window) to `to` (else the last): with nulls, the values before, or numbers between the neighbours.',
  })
  @IsOptional()
  @IsIn([...FILLS], { message: `must be one of ${FILLS.join(', ')}` })
  fill?: Fill;
}

class MergedInto {
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) start!: string;
  @ApiProperty({ example: '2026-01-31T12:01:00.000Z' }) end!: string;
}

export class WindowDto {
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'By the names of the key fields.' })
  key!: Record<string, unknown>;
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) start!: string;
  @ApiProperty({ description: 'Exclusive; beyond the year 9999 with a sign, as ECMAScript writes it.' })
  end!: string;
  @ApiProperty({ enum: STATES, description: 'A withdrawn session is part of another one.' })
  state!: WindowState;
  @ApiProperty({
    type: 'integer',
    description: '1 is the result at its end, a higher one a correction; 0 while it is open.',
  })
  revision!: number;
  @ApiProperty({ type: 'integer', description: 'Events in it; 0 for one that was filled in.' })
  events!: number;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'By the names of the aggregates.' })
  values!: Record<string, unknown>;
  @ApiPropertyOptional({ type: [String], description: 'Aggregates that leave something out.' })
  truncated?: string[];
  @ApiPropertyOptional({ type: [String], description: 'Aggregates that are estimates.' })
  approximate?: string[];
  @ApiPropertyOptional({ description: 'Of a withdrawn session: what it is part of.' })
  mergedInto?: MergedInto;
  @ApiPropertyOptional({ description: 'Its own address.' }) url?: string;
}

export class WindowsPageDto {
  @ApiProperty({ example: 'cars' }) stream!: string;
  @ApiProperty({ example: 'minute' }) window!: string;
  @ApiProperty({ type: String, nullable: true, description: 'A time, null before the first one, or `end`.' })
  watermark!: string | null;
  @ApiProperty({ type: [WindowDto] }) items!: WindowDto[];
  @ApiPropertyOptional() nextPageToken?: string;
}

export class OneWindowDto extends WindowDto {
  @ApiProperty({ example: 'cars' }) stream!: string;
  @ApiProperty({ example: 'minute' }) window!: string;
}

import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { Numeric } from '../../http/query-values.js';

const MOST_SOURCES = 1000;
const DEFAULT_SOURCES = 100;

export class ClockQuery {
  @ApiPropertyOptional({
    type: 'integer',
    description: 'Most sources to show, those that hold the clock back first.',
    default: DEFAULT_SOURCES,
    minimum: 0,
    maximum: MOST_SOURCES,
  })
  @IsOptional()
  @Numeric()
  @Max(MOST_SOURCES, { message: `must be at most ${MOST_SOURCES}` })
  @Min(0, { message: 'must not be negative' })
  @IsInt({ message: 'must be a whole number' })
  sources: number = DEFAULT_SOURCES;
}

const TIME_OR_NULL = { type: ['string', 'null'] as never };
const WATERMARK = {
  type: ['string', 'null'] as never,
  description: 'A time, null before the first one, or `end`.',
  example: '2026-01-31T11:59:55.000Z',
};
const COUNT = { type: 'integer' as const, minimum: 0 };
const COUNTERS = ['accepted', 'duplicates', 'lateEvents', 'lateWindows', 'future', 'rejected', 'unassigned'];
const DELAYS = ['p50', 'p95', 'p99', 'p999', 'max'];
const SHARES = ['0.95', '0.99', '0.999'];

function each(names: readonly string[], schema: object): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

const ALARM = {
  type: ['object', 'null'] as never,
  description: 'The last change of the alarm.',
  properties: {
    raised: { type: 'boolean' as const },
    at: { type: 'string' as const, format: 'date-time' },
    lateRatio: { type: 'number' as const },
    events: COUNT,
  },
};

export const CLOCK_SHOWN = {
  type: 'object' as const,
  required: [
    'stream',
    'watermark',
    'sources',
    'heldBackBy',
    'windows',
    'counters',
    'delay',
    'boundFor',
    'alarm',
  ],
  properties: {
    stream: { type: 'string' as const, example: 'cars' },
    watermark: WATERMARK,
    sources: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        properties: {
          source: { type: ['string', 'null'] as never },
          watermark: WATERMARK,
          maxEventTime: TIME_OR_NULL,
          lastReceived: { type: 'string' as const, format: 'date-time' },
          idle: { type: 'boolean' as const },
        },
      },
    },
    heldBackBy: {
      type: ['string', 'null'] as never,
      description: 'The source that the watermark waits for.',
    },
    windows: {
      type: 'object' as const,
      additionalProperties: {
        type: 'object' as const,
        properties: { open: COUNT, nextClose: TIME_OR_NULL },
      },
    },
    counters: { type: 'object' as const, properties: each(COUNTERS, COUNT) },
    delay: {
      type: ['object', 'null'] as never,
      description: 'How far behind the newest event of their source events come, within 1 %.',
      properties: each(DELAYS, { type: 'string', example: '250ms' }),
    },
    boundFor: {
      type: ['object', 'null'] as never,
      description: 'The bound that would have kept this share of the events from being behind the clock.',
      properties: each(SHARES, { type: 'string', example: '5s' }),
    },
    alarm: ALARM,
  },
};

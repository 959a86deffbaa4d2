import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { EVENT_BATCH_TYPE, EVENT_TYPE, JSON_TYPE, NDJSON_TYPE } from '../../http/media-types.js';
import { Flag } from '../../http/query-values.js';

export class IngestQuery {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Take all of the events or, where one is rejected, none.',
  })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'must be true or false' })
  atomic: boolean = false;
}

class EventFault {
  @ApiProperty({ description: 'JSON pointer into the event.', example: '/time' }) pointer!: string;
  @ApiProperty({ example: 'is missing' }) detail!: string;
}

class RejectedEvent {
  @ApiProperty({
    type: 'integer',
    description: 'Its place in the request, from 0; blank lines do not count.',
  })
  index!: number;
  @ApiProperty({ type: [EventFault] }) errors!: EventFault[];
}

class LateCounts {
  @ApiProperty({ type: 'integer', description: 'Events that missed all windows that they belong to.' })
  events!: number;
  @ApiProperty({ type: 'integer', description: 'Windows that were missed, counted for each event.' })
  windows!: number;
}

/** What became of the events of a request. */
export class IngestDto {
  @ApiProperty({ type: 'integer', description: 'Events and marks that are in the log now; late ones too.' })
  accepted!: number;
  @ApiProperty({ type: 'integer', description: 'Events that were there already; nothing was stored.' })
  duplicates!: number;
  @ApiProperty() late!: LateCounts;
  @ApiProperty({
    type: 'integer',
    description: 'Accepted events so far ahead of their receipt that they did not move the clock.',
  })
  future!: number;
  @ApiProperty({ type: [RejectedEvent] }) rejected!: RejectedEvent[];
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The watermark after them: a time, null before the first one, or `end`.',
    example: '2026-01-31T11:59:55.000Z',
  })
  watermark!: string | null;
}

const EVENT = {
  type: 'object' as const,
  description: 'An event, or a mark: `{"$watermark": time}`.',
  example: { car: 'A', device: 'a-1', time: '2026-01-31T12:00:00Z', speed: 41 },
};
const CLOUD_EVENT = {
  type: 'object' as const,
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { type: 'string' as const, example: '1.0' },
    id: { type: 'string' as const },
    source: { type: 'string' as const },
    type: { type: 'string' as const },
    time: { type: 'string' as const, format: 'date-time' },
    data: { type: 'object' as const },
  },
};

/** The kinds of body that bring events. */
export const EVENT_BODIES = {
  [JSON_TYPE]: { schema: { oneOf: [EVENT, { type: 'array' as const, items: EVENT }] } },
  [NDJSON_TYPE]: { schema: { type: 'string' as const, description: 'An event or a mark a line.' } },
  [EVENT_TYPE]: { schema: CLOUD_EVENT },
  [EVENT_BATCH_TYPE]: { schema: { type: 'array' as const, items: CLOUD_EVENT } },
};

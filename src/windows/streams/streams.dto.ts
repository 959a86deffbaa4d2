import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { Flag } from '../../http/query-values.js';
import { DEFINITION_SCHEMA } from '../definition/schema.js';

/** How a stream is put. */
export class PutQuery {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Begin anew, without what came before, where the change would alter results.',
  })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'must be true or false' })
  restart: boolean = false;
}

const NAME = { type: 'string' as const, description: 'The name in its address.', example: 'cars' };

/** A definition; it may have the name that it is put under. */
export const STREAM_BODY = {
  ...DEFINITION_SCHEMA,
  properties: { name: NAME, ...DEFINITION_SCHEMA.properties },
};

/** A stream as it is answered. */
export const STREAM_SHOWN = {
  ...STREAM_BODY,
  required: ['name', ...Object.keys(DEFINITION_SCHEMA.properties)],
};

export const STREAMS_PAGE = {
  type: 'object' as const,
  required: ['items'],
  properties: {
    items: { type: 'array' as const, items: STREAM_SHOWN },
    nextPageToken: { type: 'string' as const },
  },
};

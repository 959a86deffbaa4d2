import { ApiProperty, ApiPropertyOptional, type OpenAPIObject } from '@nestjs/swagger';
import { A_TIME } from '../../http/time-docs.js';
import { OUTCOMES } from '../record.js';
import { MAX_REASON, MAX_TEXT } from './body.js';
import { MAX_RECORDS, type ErasureState } from './messages.js';

/** A reason, which is not of blanks alone. */
const A_REASON = { minLength: 1, maxLength: MAX_REASON, pattern: String.raw`\S` };
const A_TEXT = { type: 'string' as const, maxLength: MAX_TEXT };
const A_RECORD = { type: 'string' as const, format: 'uuid' };

/** Which records a hold is for: those of which all that is given is true. */
export class HoldFilterDto {
  @ApiPropertyOptional({ format: 'uuid' }) id?: string;
  @ApiPropertyOptional() model?: string;
  @ApiPropertyOptional() version?: string;
  @ApiPropertyOptional() principal?: string;
  @ApiPropertyOptional() route?: string;
  @ApiPropertyOptional({ enum: OUTCOMES }) outcome?: string;
  @ApiPropertyOptional() clientRequestId?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Arrived at or after.' }) from?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Arrived before.' }) to?: string;
}

/** What a hold is asked with. */
export const HOLD_BODY = {
  type: 'object' as const,
  required: ['reason', 'filter'],
  additionalProperties: false,
  properties: {
    reason: { type: 'string' as const, ...A_REASON, description: 'Why; stays on record for ever.' },
    filter: {
      type: 'object' as const,
      minProperties: 1,
      additionalProperties: false,
      description: 'The records of which all that is given is true.',
      properties: {
        id: A_RECORD,
        model: A_TEXT,
        version: A_TEXT,
        principal: A_TEXT,
        route: A_TEXT,
        outcome: { type: 'string' as const, enum: [...OUTCOMES] },
        clientRequestId: A_TEXT,
        from: { ...A_TIME, description: 'Arrived at or after.' },
        to: { ...A_TIME, description: 'Arrived before.' },
      },
    },
  },
};

export class HoldDto {
  @ApiProperty({ ...A_REASON, description: 'Why; stays on record for ever.' }) reason!: string;
  @ApiProperty({ description: 'Of all that is given, at least one thing.' }) filter!: HoldFilterDto;
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'date-time', description: 'Since when.' }) time!: string;
}

export class HoldListDto {
  @ApiProperty({ type: [HoldDto] }) items!: HoldDto[];
}

const ERASURE_OPTIONS = {
  reason: {
    type: 'string' as const,
    ...A_REASON,
    description: 'Stays on record for ever, so it must not name whom it is about.',
  },
  payloadsOnly: {
    type: 'boolean' as const,
    default: false,
    description: 'Only inputs, outputs and outcomes; the records stay.',
  },
};

type SchemaObject = Extract<
  NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string],
  { type?: unknown }
>;

const erasureOf = (member: string, schema: SchemaObject): SchemaObject => ({
  type: 'object',
  required: [member],
  additionalProperties: false,
  properties: { [member]: schema, ...ERASURE_OPTIONS },
});

/** What is to be erased: the records of a principal, or one, or some. */
export const ERASURE_BODY = {
  oneOf: [
    erasureOf('principal', { ...A_TEXT, minLength: 1, description: 'All records of this principal.' }),
    erasureOf('record', { ...A_RECORD, description: 'This record.' }),
    erasureOf('records', {
      type: 'array',
      items: A_RECORD,
      minItems: 1,
      maxItems: MAX_RECORDS,
      description: 'These records.',
    }),
  ],
};

export class ErasureDto {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'date-time', description: 'When it was asked.' }) time!: string;
  @ApiProperty({
    enum: ['running', 'sealing', 'done'],
    description:
      '`sealing`: gone from the record, and about to go from its write-ahead log; `done`: gone from the files.',
  })
  state!: ErasureState;
  @ApiProperty({ type: String, nullable: true }) reason!: string | null;
  @ApiProperty() payloadsOnly!: boolean;
  @ApiProperty({ type: 'integer', description: 'Records that are gone, or their payloads.' }) erased!: number;
  @ApiProperty({ type: 'integer', description: 'Records that a hold kept.' }) held!: number;
  @ApiProperty({ description: 'Whether more is to come.' }) more!: boolean;
}

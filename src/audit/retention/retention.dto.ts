import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { OUTCOMES } from '../record.js';
import { MAX_REASON } from './body.js';
import { MAX_RECORDS, type ErasureState } from './messages.js';

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

export class NewHoldDto {
  @ApiProperty({ description: 'Why; stays on record for ever.', minLength: 1, maxLength: MAX_REASON })
  reason!: string;
  @ApiProperty({ description: 'Of all that is given, at least one thing.' }) filter!: HoldFilterDto;
}

export class HoldDto extends NewHoldDto {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'date-time', description: 'Since when.' }) time!: string;
}

export class HoldListDto {
  @ApiProperty({ type: [HoldDto] }) items!: HoldDto[];
}

export class NewErasureDto {
  @ApiPropertyOptional({ description: 'All records of this principal; or' }) principal?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'this record; or' }) record?: string;
  @ApiPropertyOptional({ type: [String], minItems: 1, maxItems: MAX_RECORDS, description: 'these.' })
  records?: string[];
  @ApiPropertyOptional({
    description: 'Stays on record for ever, so it must not name whom it is about.',
    minLength: 1,
    maxLength: MAX_REASON,
  })
  reason?: string;
  @ApiPropertyOptional({
    description: 'Only inputs, outputs and outcomes; the records stay.',
    default: false,
  })
  payloadsOnly?: boolean;
}

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

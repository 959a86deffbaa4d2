import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsOptional,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { A_TIME } from '../../http/time-docs.js';
import { parseTime } from '../../units.js';
import type { Bound, VerifyRange } from './verifier.js';

/** A whole number below this is a `seq`; from it on it would be a time after 1973 in epoch milliseconds. */
const LEAST_TIME = 1e11;

const BOUND =
  'must be the seq of a record, a time such as 2026-01-31T12:00:00Z, or epoch milliseconds from 100000000000 on';

/** The bound that a text names; undefined where it names none. */
export function parseBound(text: string): Bound | undefined {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (number !== undefined && number < LEAST_TIME) return { seq: number };
  const time = parseTime(text);
  return time === undefined ? undefined : { time };
}

@ValidatorConstraint()
export class IsBound implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseBound(value) !== undefined;
  }

  defaultMessage(): string {
    return BOUND;
  }
}

export class VerifyQuery {
  @ApiPropertyOptional({
    ...A_TIME,
    description: 'First record to look at: its seq, or a time (RFC 3339 or epoch milliseconds).',
  })
  @IsOptional()
  @Validate(IsBound)
  from?: string;

  @ApiPropertyOptional({ ...A_TIME, description: 'The record to stop before, in the same way.' })
  @IsOptional()
  @Validate(IsBound)
  to?: string;
}

export function toRange({ from, to }: { from?: string; to?: string }): VerifyRange {
  const [first, end] = [from, to].map((text) => (text === undefined ? undefined : parseBound(text)));
  return { ...(first ? { from: first } : {}), ...(end ? { to: end } : {}) };
}

export class BadRecordDto {
  @ApiProperty({ type: 'integer' }) seq!: number;
  @ApiProperty({ type: String, nullable: true, description: 'Null where the record is gone.' }) id!:
    string | null;
  @ApiProperty() reason!: string;
}

export class VerdictDto {
  @ApiProperty() valid!: boolean;
  @ApiProperty({ type: 'integer', description: 'Records that were looked at and fit.' }) records!: number;
  @ApiPropertyOptional({ description: 'The head over all that was looked at, in hexadecimal.' })
  head?: string;
  @ApiPropertyOptional({ description: 'The first that does not fit.' }) firstBad?: BadRecordDto;
}

export class PublicKeyDto {
  @ApiProperty({ description: 'The first 16 digits of the SHA-256 of the key in DER.' }) keyId!: string;
  @ApiProperty({ enum: ['Ed25519'] }) algorithm!: 'Ed25519';
  @ApiProperty({ description: 'PEM.' }) publicKey!: string;
}

export class CheckpointDto {
  @ApiProperty({ type: 'integer', description: 'The last record that it stands for.' }) seq!: number;
  @ApiProperty({ description: 'Hexadecimal.' }) head!: string;
  @ApiProperty({ format: 'date-time' }) time!: string;
  @ApiProperty() keyId!: string;
  @ApiProperty({
    description:
      'Ed25519 over `oriel.checkpoint`, seq, head, time and keyId, separated by line feeds; in Base64.',
  })
  signature!: string;
}

export class CheckpointPageDto {
  @ApiProperty({ type: [CheckpointDto] }) items!: CheckpointDto[];
}

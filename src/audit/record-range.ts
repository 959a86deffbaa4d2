import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsOptional,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { A_TIME } from '../http/time-docs.js';
import { parseTime } from '../units.js';

/** A place in the record: its `seq`, or an arrival in epoch milliseconds. */
export type Bound = { seq: number } | { time: number };

/** A part of the record; all of it without bounds. `from` is inclusive, `to` exclusive. */
export interface RecordRange {
  from?: Bound;
  to?: Bound;
}

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
class IsBound implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && parseBound(value) !== undefined;
  }

  defaultMessage(): string {
    return BOUND;
  }
}

/** Which part of the record is meant. */
export class RangeQuery {
  @ApiPropertyOptional({
    ...A_TIME,
    description:
      'First record: its seq, or a time of arrival (RFC 3339 or epoch milliseconds). The seq after the last of an export resumes it.',
  })
  @IsOptional()
  @Validate(IsBound)
  from?: string;

  @ApiPropertyOptional({ ...A_TIME, description: 'The record to stop before, in the same way.' })
  @IsOptional()
  @Validate(IsBound)
  to?: string;
}

export function toRange({ from, to }: RangeQuery): RecordRange {
  const [first, end] = [from, to].map((text) => (text === undefined ? undefined : parseBound(text)));
  return { ...(first ? { from: first } : {}), ...(end ? { to: end } : {}) };
}

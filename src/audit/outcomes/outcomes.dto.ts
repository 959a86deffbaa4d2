import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { A_DURATION, A_TIME } from '../../http/time-docs.js';
import { parseDuration, parseTime } from '../../units.js';
import type { LabelQuality } from './measures.js';
import type { QualityItem } from './quality-queries.js';

const NOT_A_TIME = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';
const NOT_A_DURATION = 'must be a duration such as 1m, 1h30m or 7d';

/** A text as what it is read as; one that cannot be read stays a text, which the rule on it then refuses. */
const Read = (read: (text: string) => number | undefined): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (read(value) ?? value) : value));

const VALUE = {
  description:
    'What was true: a number where the model predicts one (an array where it predicts several), a class label or its number where it predicts a class. Without `item`, of a prediction of several rows: an array with one value for each.',
};

const OUTCOME = {
  type: 'object' as const,
  required: ['prediction', 'value'],
  additionalProperties: false,
  properties: {
    prediction: {
      type: 'string' as const,
      description: 'Id of the prediction: the `X-Request-Id` of its answer.',
      example: '0197a5d2-7c1e-7a33-8f0b-3f1f6c2b9d10',
    },
    value: VALUE,
    item: {
      type: 'integer' as const,
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Which row of the prediction is meant, from 0.',
    },
    time: {
      ...A_TIME,
      description: 'When it was so: RFC 3339 or epoch milliseconds; now, when absent.',
    },
  },
};

/** One outcome, or an array of them. */
export const OUTCOMES_BODY = { oneOf: [OUTCOME, { type: 'array' as const, items: OUTCOME }] };

export class OutcomeFault {
  @ApiProperty({
    description: 'JSON pointer into the outcome; empty for the outcome itself.',
    example: '/prediction',
  })
  pointer!: string;
  @ApiProperty({ example: 'No prediction with this id is on record.' }) detail!: string;
}

export class RejectedOutcome {
  @ApiProperty({ type: 'integer', description: 'Its place in the body, from 0.' }) index!: number;
  @ApiProperty({ type: [OutcomeFault] }) errors!: OutcomeFault[];
}

/** What became of each outcome of a body; the three add up to their number. */
export class OutcomesAnswer {
  @ApiProperty({ type: 'integer', description: 'Outcomes that said something new, and hold now.' })
  accepted!: number;
  @ApiProperty({ type: 'integer', description: 'Outcomes that say what held already; nothing was stored.' })
  duplicates!: number;
  @ApiProperty({ type: [RejectedOutcome] }) rejected!: RejectedOutcome[];
}

/** Which predictions to measure, and how to lay them out. */
export class QualityOptions {
  @ApiPropertyOptional({ enum: ['version'], default: 'version', description: 'What has an item of its own.' })
  @IsOptional()
  @IsIn(['version'], { message: 'must be version' })
  by?: 'version';

  @ApiPropertyOptional({ description: 'Only this version.', example: '1' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  version?: string;

  @ApiPropertyOptional({
    ...A_DURATION,
    description:
      'Length of the buckets of time, which begin at its multiples since 1970; one for all, when absent.',
    example: '1d',
  })
  @IsOptional()
  @Read(parseDuration)
  @Min(1, { message: 'must be longer than 0' })
  @IsInt({ message: NOT_A_DURATION })
  every?: number;

  @ApiPropertyOptional({
    ...A_TIME,
    description: 'Predictions that arrived at or after: RFC 3339 or epoch milliseconds.',
  })
  @IsOptional()
  @Read(parseTime)
  @IsInt({ message: NOT_A_TIME })
  from?: number;

  @ApiPropertyOptional({
    ...A_TIME,
    description: 'Predictions that arrived before: RFC 3339 or epoch milliseconds.',
  })
  @IsOptional()
  @Read(parseTime)
  @IsInt({ message: NOT_A_TIME })
  to?: number;
}

const MEASURE = { type: Number, nullable: true } as const;

export class QualityItemDto implements QualityItem {
  @ApiProperty({ example: '1' }) version!: string;
  @ApiProperty({ format: 'date-time' }) from!: string;
  @ApiProperty({ format: 'date-time' }) to!: string;
  @ApiProperty({ type: 'integer', description: 'Predicted rows whose outcome is known.' }) count!: number;
  @ApiPropertyOptional({ ...MEASURE, description: 'Mean absolute error.' }) mae?: number | null;
  @ApiPropertyOptional({ ...MEASURE, description: 'Root of the mean squared error.' }) rmse?: number | null;
  @ApiPropertyOptional({ ...MEASURE, description: 'Mean of predicted − true.' }) bias?: number | null;
  @ApiPropertyOptional({ description: 'Share of the predicted classes that were right.' }) accuracy?: number;
  @ApiPropertyOptional({
    ...MEASURE,
    description: 'Mean of −ln of the probability given to the true class, where it is on record.',
  })
  logLoss?: number | null;
  @ApiPropertyOptional({ ...MEASURE, description: "Mean of the classes' precisions." })
  precision?: number | null;
  @ApiPropertyOptional({ ...MEASURE, description: "Mean of the classes' recalls." }) recall?: number | null;
  @ApiPropertyOptional({
    type: 'object',
    description: 'Each class by its label.',
    additionalProperties: {
      type: 'object',
      required: ['precision', 'recall', 'support'],
      properties: {
        precision: {
          type: 'number',
          nullable: true,
          description: 'Null where the class was never predicted.',
        },
        recall: { type: 'number', nullable: true, description: 'Null where it was never true.' },
        support: { type: 'integer', description: 'How often it was true.' },
      },
    },
  })
  classes?: Record<string, LabelQuality>;
  @ApiPropertyOptional({ type: 'integer', description: 'How many classes are left out of `classes`.' })
  otherClasses?: number;
}

export class QualityDto {
  @ApiProperty({ type: [QualityItemDto] }) items!: QualityItemDto[];
}

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { OUTCOMES, type Outcome } from './record.js';

/** A schema that holds every JSON value. */
const ANYTHING = {};

export class LatencyDto {
  @ApiProperty({ description: 'Arrival to commit, in milliseconds.' }) total!: number;
  @ApiProperty({ type: Number, nullable: true, description: 'Wait for a batch.' }) queue!: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Run of the batch.' }) run!: number | null;
}

/** What turned out to be true of one row of a prediction. */
export class RecordOutcomeDto {
  @ApiProperty({ type: 'integer', description: 'Which row, from 0.' }) item!: number;
  @ApiProperty({ anyOf: [ANYTHING] }) value!: unknown;
  @ApiProperty({ format: 'date-time', description: 'When it was so.' }) time!: string;
  @ApiProperty({ format: 'date-time', description: 'When it was told.' }) recordedAt!: string;
}

/** An event that was made of a record. */
export class RecordEventDto {
  @ApiProperty({ example: 'predictions' }) stream!: string;
  @ApiProperty({ type: 'integer', description: 'Its place in the stream.' }) seq!: number;
  @ApiProperty({ format: 'date-time', description: 'Event time.' }) time!: string;
}

/** One request on record. */
export class AuditRecordDto {
  @ApiProperty({ format: 'uuid', description: 'Also the `X-Request-Id` of the answer.' }) id!: string;
  @ApiProperty({ type: 'integer', description: 'Order of commit.' }) seq!: number;
  @ApiProperty({ format: 'date-time', description: 'Arrival.' }) time!: string;
  @ApiProperty({ format: 'date-time' }) completedAt!: string;
  @ApiProperty() latency!: LatencyDto;
  @ApiProperty({ example: 'POST' }) method!: string;
  @ApiProperty({ type: String, nullable: true }) route!: string | null;
  @ApiProperty({ type: String, nullable: true }) path!: string | null;
  @ApiProperty({ type: 'integer', example: 200 }) status!: number;
  @ApiProperty({ enum: OUTCOMES }) outcome!: Outcome;
  @ApiProperty({ type: String, nullable: true, description: '`code` of the problem answered.' }) problem!:
    string | null;
  @ApiProperty({ type: String, nullable: true }) principal!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Address of the caller.' }) source!:
    string | null;
  @ApiProperty({ type: String, nullable: true }) userAgent!: string | null;
  @ApiProperty({ type: String, nullable: true }) traceId!: string | null;
  @ApiProperty({ type: String, nullable: true }) clientRequestId!: string | null;
  @ApiProperty({ type: String, nullable: true }) model!: string | null;
  @ApiProperty({ type: String, nullable: true }) version!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of the model file.' }) digest!:
    string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Rows in the batch.' }) batch!: number | null;
  @ApiProperty({ type: String, nullable: true }) cache!: string | null;
  @ApiPropertyOptional({
    anyOf: [ANYTHING],
    description: 'What was asked; the beginning of it, as a text, when cut.',
  })
  input?: unknown;
  @ApiPropertyOptional({ anyOf: [ANYTHING], description: 'What was answered; the same.' }) output?: unknown;
  @ApiPropertyOptional({ type: [String], description: 'Which of the two were cut at the size limit.' })
  truncated?: string[];
  @ApiPropertyOptional({
    type: [String],
    description: 'Which of the two had values taken out by the policy.',
  })
  redacted?: string[];
  @ApiPropertyOptional({
    type: 'integer',
    description: 'Records that this one stands for because they were lost, between `time` and `completedAt`.',
  })
  lost?: number;
  @ApiPropertyOptional({
    description: 'What turned out to be true (`/v1/outcomes`), the newest last; of one record only.',
  })
  outcomes?: RecordOutcomeDto[];
  @ApiPropertyOptional({
    type: [RecordEventDto],
    description:
      'What the stream of predictions made of it, as long as that keeps it; of one record only, and not in exports.',
  })
  events?: RecordEventDto[];
}

export class AuditRecordPageDto {
  @ApiProperty({ type: [AuditRecordDto] }) items!: AuditRecordDto[];
  @ApiPropertyOptional({ description: 'Absent on the last page.' }) nextPageToken?: string;
}

export class PercentilesDto {
  @ApiProperty({ description: 'Milliseconds; by nearest rank.' }) p50!: number;
  @ApiProperty() p90!: number;
  @ApiProperty() p99!: number;
  @ApiProperty() max!: number;
}

/** Requests that are alike in what was asked for, in one bucket. */
export class StatsItemDto {
  @ApiProperty({ format: 'date-time' }) from!: string;
  @ApiProperty({ format: 'date-time' }) to!: string;
  @ApiPropertyOptional({ type: String, nullable: true }) model?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true }) version?: string | null;
  @ApiPropertyOptional({ type: 'integer' }) status?: number;
  @ApiPropertyOptional({ enum: OUTCOMES }) outcome?: Outcome;
  @ApiPropertyOptional({ type: String, nullable: true }) route?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true }) method?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true }) principal?: string | null;
  @ApiProperty({ type: 'integer' }) count!: number;
  @ApiProperty() latency!: PercentilesDto;
}

export class StatsDto {
  @ApiProperty({ type: String, nullable: true, description: 'Length of a bucket.' }) every!: string | null;
  @ApiProperty({ type: [StatsItemDto] }) items!: StatsItemDto[];
}

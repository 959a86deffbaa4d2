import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Validate } from 'class-validator';
import { A_TIME } from '../../http/time-docs.js';
import { ConditionsQuery } from '../audit.dto.js';
import { IsBound } from '../verification/verification.dto.js';
import { EXPORT_TYPES, type ExportFormat } from './forms.js';

const FORMATS = Object.keys(EXPORT_TYPES) as ExportFormat[];

/** Which records to export, and in what form. */
export class ExportRecordsQuery extends ConditionsQuery {
  @ApiPropertyOptional({
    ...A_TIME,
    description:
      'First record: its seq, or a time of arrival (RFC 3339 or epoch milliseconds). The seq after that of the last line resumes an export.',
  })
  @IsOptional()
  @Validate(IsBound)
  from?: string;

  @ApiPropertyOptional({ ...A_TIME, description: 'The record to stop before, in the same way.' })
  @IsOptional()
  @Validate(IsBound)
  to?: string;

  @ApiPropertyOptional({ enum: FORMATS, description: 'Form of the file; without it `Accept` decides.' })
  @IsOptional()
  @IsIn(FORMATS, { message: `must be one of ${FORMATS.join(', ')}` })
  format?: ExportFormat;
}

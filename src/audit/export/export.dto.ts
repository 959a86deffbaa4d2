import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { ConditionsQuery } from '../audit.dto.js';
import { RangeQuery } from '../record-range.js';
import { EXPORT_TYPES, type ExportFormat } from './forms.js';

const FORMATS = Object.keys(EXPORT_TYPES) as ExportFormat[];

/** Which records to export, and in what form. */
export class ExportRecordsQuery extends IntersectionType(ConditionsQuery, RangeQuery) {
  @ApiPropertyOptional({ enum: FORMATS, description: 'Form of the file; without it `Accept` decides.' })
  @IsOptional()
  @IsIn(FORMATS, { message: `must be one of ${FORMATS.join(', ')}` })
  format?: ExportFormat;
}

import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { parseTime } from '../units.js';

/** Most items on a page, and how many there are where nobody says. */
export const MAX_PAGE = 1000;
export const DEFAULT_PAGE = 100;
export const NOT_A_TIME = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';

/** A time in a query; what is not one stays a text, which the rule on it then refuses. */
export const Time = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? (parseTime(value) ?? value) : value,
  );

/** As JSON writes numbers. */
export const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number in a query, in digits; likewise. */
export const Numeric = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && NUMBER.test(value) ? Number(value) : value,
  );

/** `true` or `false` in a query, as such. */
export const Flag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** How a list is asked for page by page. */
export class PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    description: 'Most items on the page.',
    default: DEFAULT_PAGE,
    minimum: 1,
    maximum: MAX_PAGE,
  })
  @IsOptional()
  @Numeric()
  @Max(MAX_PAGE, { message: `must be at most ${MAX_PAGE}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  limit: number = DEFAULT_PAGE;

  @ApiPropertyOptional({ description: 'The `nextPageToken` of the page before.', maxLength: 8_000 })
  @IsOptional()
  @MaxLength(8_000, { message: 'is too long' })
  @IsString({ message: 'must be given once' })
  pageToken?: string;
}

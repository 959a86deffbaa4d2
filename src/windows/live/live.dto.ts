import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { OrielError } from '../../errors.js';
import { Numeric } from '../../http/query-values.js';

const NOT_AN_ID = 'must be the id of an event that was sent here';

export class LiveQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'As the header `Last-Event-ID`, for clients that cannot send one; the header goes first.',
  })
  @IsOptional()
  @Numeric()
  @Max(Number.MAX_SAFE_INTEGER, { message: NOT_AN_ID })
  @Min(0, { message: NOT_AN_ID })
  @IsInt({ message: NOT_AN_ID })
  lastEventId?: number;
}

/** @throws OrielError `invalid-parameter` for a `Last-Event-ID` that nobody was sent */
export function lastEventId(
  header: string | string[] | undefined,
  { lastEventId: asked }: LiveQuery,
): number | undefined {
  if (header === undefined || header === '') return asked;
  const id = typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new OrielError('badParameter', 'invalid-parameter', `The header "Last-Event-ID" ${NOT_AN_ID}.`);
}

/** What comes, in the words of OpenAPI: text that is cut into events. */
export const EVENTS = {
  'text/event-stream': {
    schema: {
      type: 'string' as const,
      description:
        'Server-sent events with JSON as data. `window`: a result, a correction or a withdrawal, as in the list; `late`: an event that missed a window; ' +
        '`alarm`: raised or cleared; each with an id. `clock`: the watermark moved (no id). A comment every 15 seconds.',
      example:
        'id: 17\nevent: window\ndata: {"window":"minute","key":{"car":"A"},"start":"2026-01-31T12:00:00.000Z","end":"2026-01-31T12:01:00.000Z","state":"closed","revision":1,"events":3,"values":{"n":3}}\n\n',
    },
  },
};

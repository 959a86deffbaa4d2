import { formatDuration } from '../../units.js';
import type { StreamDefinition } from '../engine/definition.js';
import { AGGREGATE_OPS } from './aggregates.js';
import {
  MAX_AGGREGATES,
  MAX_CALENDAR_COUNT,
  MAX_DURATION,
  MAX_FIELD,
  MAX_KEY_FIELDS,
  MAX_WINDOWS,
} from './bounds.js';
import { CALENDAR_UNITS } from './calendar.js';
import { NAME } from './names.js';
import { DEFAULTS } from './read.js';

const DURATION = String.raw`(\d+|(?=\d)(\d+d)?(\d+h)?(\d+m(?!s))?(\d+s)?(\d+ms)?)`;

function duration(least: number, description: string, more: object = {}) {
  return {
    anyOf: [
      { type: 'string', pattern: `^${DURATION}$` },
      { type: 'integer', minimum: least, maximum: MAX_DURATION },
    ],
    description: `${description} A duration such as 250ms, 10s, 5m, 1h30m or 7d, or whole milliseconds.`,
    ...more,
  };
}

function orNull({ anyOf, ...rest }: ReturnType<typeof duration>, more: object = {}) {
  return { anyOf: [...anyOf, { type: 'null' }], ...rest, ...more };
}

const OFFSET = {
  anyOf: [
    { type: 'string', pattern: `^-?${DURATION}$` },
    { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  ],
  default: 0,
  description:
    'How far the windows are moved from those aligned to the epoch, of any sign and size; shown from 0 up to the size, or every.',
};

/** A number above 0 and below 1; exclusive bounds would be booleans to older readers. */
const SHARE = { type: 'number', minimum: 0, maximum: 1, not: { enum: [0, 1] } };

const FIELD = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_FIELD,
  description: 'A member name, or a JSON pointer (RFC 6901) where it begins with /.',
};

function fieldOrNull(description: string) {
  return { ...FIELD, type: ['string', 'null'], default: null, description };
}

function strict(properties: Readonly<Record<string, object>>, required: string[], more: object = {}) {
  return { type: 'object', additionalProperties: false, properties, required, ...more };
}

const AGGREGATE = {
  anyOf: AGGREGATE_OPS.map((op) =>
    strict(
      {
        op: { enum: [op] },
        field: op === 'count' ? fieldOrNull('Counts its values that are not null.') : FIELD,
        q: op === 'quantile' ? { ...SHARE, description: 'Above 0 and below 1.' } : { type: 'null' },
      },
      ['op', ...(op === 'count' ? [] : ['field']), ...(op === 'quantile' ? ['q'] : [])],
    ),
  ),
};

const AGGREGATES = {
  type: 'object',
  patternProperties: { [NAME.source]: AGGREGATE },
  additionalProperties: false,
  maxProperties: MAX_AGGREGATES,
  default: {},
};

function window(type: string, required: Record<string, object>, optional: Record<string, object> = {}) {
  const properties = { type: { enum: [type] }, ...required, ...optional, aggregates: AGGREGATES };
  return strict(properties, ['type', ...Object.keys(required)], { title: type });
}

const SIZE = duration(1, 'The length of a window.');

const WINDOW = {
  anyOf: [
    window('tumbling', { size: SIZE }, { offset: OFFSET }),
    window('hopping', { size: SIZE, every: duration(1, 'From start to start.') }, { offset: OFFSET }),
    window('cumulative', { size: SIZE, step: duration(1, 'Divides size.') }, { offset: OFFSET }),
    window('sliding', { size: duration(0, 'How far apart events may be.') }),
    window(
      'session',
      { gap: duration(1, 'Events less than this apart share a session.') },
      {
        touching: {
          enum: ['separate', 'merge'],
          default: 'separate',
          description: 'What becomes of events exactly a gap apart.',
        },
        maxSize: orNull(duration(1, 'The longest session; null: any.'), { default: null }),
      },
    ),
    window(
      'calendar',
      { unit: { enum: CALENDAR_UNITS } },
      {
        count: {
          type: 'integer',
          minimum: 1,
          maximum: MAX_CALENDAR_COUNT,
          default: 1,
          description: 'Units of a window; of hours, a divisor of 24.',
        },
        anchor: {
          type: 'string',
          format: 'date',
          description: 'A local date from which units are counted; else 1970-01-01, for weeks 1970-01-05.',
        },
        timeZone: { type: 'string', default: 'UTC', description: 'The IANA name of a time zone.' },
      },
    ),
  ],
};

const WATERMARK = strict(
  {
    type: {
      enum: ['bounded', 'punctuated'],
      default: 'bounded',
      description: 'Whether it follows from the events, or from marks of their producers.',
    },
    bound: duration(0, 'How far a source is behind its newest event; 0 where the type is punctuated.', {
      default: 0,
    }),
    idleAfter: orNull(duration(1, 'Received time after which a silent source is idle; null: never.'), {
      default: null,
    }),
    futureLimit: orNull(
      duration(0, 'How far ahead of its receipt an event may be and still move the clock; null: any.'),
      { default: formatDuration(DEFAULTS.futureLimit) },
    ),
  },
  [],
);

const ALARM = strict(
  {
    lateRatio: { ...SHARE, description: 'The share of late events that raises it, above 0 and below 1.' },
    over: duration(1, 'The received time that is looked at.'),
    minEvents: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: DEFAULTS.minEvents },
  },
  ['lateRatio', 'over'],
);

const RETENTION = strict(
  {
    events: orNull(duration(1, 'After their receipt; null: for ever.'), {
      default: formatDuration(DEFAULTS.retention.events),
    }),
    windows: orNull(duration(1, 'After their end; null: for ever.'), {
      default: formatDuration(DEFAULTS.retention.windows),
    }),
  },
  [],
);

const MEMBERS: Readonly<Record<keyof StreamDefinition, object>> = {
  key: {
    type: 'array',
    items: FIELD,
    maxItems: MAX_KEY_FIELDS,
    uniqueItems: true,
    default: [],
    description: 'The fields whose values together are the key of an event; none: all events are one group.',
  },
  source: fieldOrNull('The field that names the source of an event, which has a clock of its own.'),
  id: fieldOrNull('The field that tells duplicates of an event; null: none are told.'),
  eventTime: FIELD,
  sentAt: fieldOrNull('The field that says when an event was sent.'),
  watermark: WATERMARK,
  dedupeFor: duration(1, 'How long after its receipt the id of an event is remembered.', {
    default: formatDuration(DEFAULTS.dedupeFor),
  }),
  lateness: duration(0, 'How long after its end a window still takes late events.', { default: 0 }),
  alarm: { anyOf: [ALARM, { type: 'null' }], default: null },
  windows: {
    type: 'object',
    patternProperties: { [NAME.source]: WINDOW },
    additionalProperties: false,
    maxProperties: MAX_WINDOWS,
    description: 'Windows by their names; none: the events are only kept.',
  },
  retention: RETENTION,
};

/** The definition that the documentation shows: one window of each kind. */
export const EXAMPLE = {
  key: ['car'],
  source: 'device',
  id: 'id',
  eventTime: 'time',
  watermark: { type: 'bounded', bound: '5s', idleAfter: '1m', futureLimit: '5m' },
  lateness: '30s',
  alarm: { lateRatio: 0.05, over: '5m', minEvents: 100 },
  windows: {
    minute: {
      type: 'tumbling',
      size: '1m',
      offset: 0,
      aggregates: { n: { op: 'count' }, avg: { op: 'mean', field: 'speed' } },
    },
    smooth: { type: 'hopping', size: '10m', every: '1m', aggregates: {} },
    close: { type: 'sliding', size: '10s', aggregates: {} },
    trip: { type: 'session', gap: '5m', touching: 'separate', maxSize: '1d', aggregates: {} },
    today: { type: 'cumulative', size: '1d', step: '1h', aggregates: {} },
    month: {
      type: 'calendar',
      unit: 'month',
      count: 1,
      anchor: '2026-01-01',
      timeZone: 'Europe/Warsaw',
      aggregates: {},
    },
  },
  retention: { events: '7d', windows: '400d' },
};

/**
 * What `readDefinition` takes, in the words of JSON Schema 2020-12, which are those of OpenAPI. What they cannot say, such as that a step
 * divides its size or that a time zone is known, `readDefinition` still refuses.
 */
export const DEFINITION_SCHEMA = {
  ...strict(MEMBERS, ['eventTime', 'windows']),
  example: EXAMPLE,
};

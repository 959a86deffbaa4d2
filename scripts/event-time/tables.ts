/** The tables of the page: their words stand here, their numbers come from the code; a type, or the check, misses what nobody describes. */
import * as bounds from '../../src/windows/definition/bounds.js';
import { viewDefinition } from '../../src/windows/definition/view.js';
import type { AggregateOp } from '../../src/windows/engine/definition.js';
import { DEFAULT_LIMITS, type EngineLimits, type Json } from '../../src/windows/engine/messages.js';
import { formatDuration } from '../../src/units.js';
import { mustMatch, table } from '../readme/markdown.js';
import { definitionOf, play } from './play.js';
import { operators } from './stories/kinds.js';
import { whole } from './words.js';

const PAGE = 'docs/event-time.md';

const GIVES: Readonly<Record<AggregateOp, string>> = {
  count: 'events; with `field`, those that have a value in it',
  sum: 'the sum, compensated: rounding errors are kept and added back',
  mean: 'the compensated sum, divided by how many',
  min: 'the least',
  max: 'the greatest',
  variance: 'of the whole population: divided by n, not by n − 1',
  stddev: 'its square root',
  first: 'the value of the earliest event; of two at one time, of the one that came first',
  last: 'the value of the latest event; of two at one time, of the one that came last',
  distinct: 'how many different values',
  quantile: 'the value below which the share `q` lies; here the median, `"q": 0.5`',
  collect: 'the values themselves, by event time, then by arrival',
};

/** What each operator makes of one small window. */
function aggregates(): string {
  const { definition, windows } = play(operators);
  const values = windows[0]?.told[0]?.result.values ?? {};
  const rows = Object.entries(definition.windows.minute?.aggregates ?? {}).map(([name, { op, field }]) => {
    const called = op === 'count' && field !== null ? '`count` of `speed`' : `\`${op}\``;
    return { op, row: [called, GIVES[op], `\`${shown(values[name] ?? null)}\``] };
  });
  const ops = rows.map(({ op }) => op);
  mustMatch('operators', 'The story of all operators', ops, Object.keys(GIVES));
  return table(
    ['`op`', 'gives', 'here'],
    rows.map(({ row }) => row),
  );
}

function shown(value: Json): string {
  return typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : JSON.stringify(value);
}

const WHEN_HIT: Readonly<Record<keyof EngineLimits, readonly [what: string, then: string]>> = {
  keys: ['keys with a window that is not final', 'the event is rejected'],
  sources: ['sources', 'the event, or the mark, is rejected'],
  openWindows: [
    'windows that are not final, and the slices they are made of, over all keys',
    'the event is rejected',
  ],
  slidingEvents: ['events of one key that a sliding window holds', 'the event is rejected'],
  collected: [
    'values in one `collect`',
    'the first ones by event time stay; the window names it under `truncated`',
  ],
  distinct: [
    'values that `distinct` counts exactly',
    'it estimates; the window names it under `approximate`',
  ],
};

function limits(): string {
  return table(
    ['bound', 'of one stream, at most', '', 'and then'],
    Object.entries(DEFAULT_LIMITS).map(([name, most]: [string, number]) => {
      const [what, then] = WHEN_HIT[name as keyof EngineLimits];
      return [`\`${name}\``, what, whole(most), then];
    }),
  );
}

const MEMBERS: Readonly<Record<string, string>> = {
  key: 'fields whose values together are the key; none: all events are one group',
  source: 'the field that names who sent the event: each source has a clock; none: there is one clock',
  id: 'the field that tells duplicates; none: nothing is a duplicate',
  sentAt: 'the field that says when the event was sent; it moves nothing',
  'watermark.type': '`bounded`, or `punctuated`: by marks',
  'watermark.bound': 'how far a source’s watermark stays behind its newest event',
  'watermark.idleAfter': 'a source that is silent for so long is not waited for; none: it is',
  'watermark.futureLimit':
    'how far ahead of its receipt an event may be and still move the watermark; `null`: any',
  dedupeFor: 'how long an `id` is remembered after it was received',
  lateness: 'how long after its end, in event time, a window is still corrected',
  alarm: 'when too many late events raise an alarm; none: never',
  'retention.events': 'how long events are kept after their receipt',
  'retention.windows':
    'how long windows are kept after their end, or after their last result where that is later',
};

/** What a definition may leave out. */
function defaults(): string {
  const { eventTime, windows, ...rest } = viewDefinition(definitionOf({ eventTime: 'time', windows: {} }));
  if (eventTime === undefined || windows === undefined)
    throw new Error('A definition has a time and windows.');
  const members = Object.entries(rest).flatMap(([name, value]): [string, Json][] =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([inner, one]: [string, Json]) => [`${name}.${inner}`, one])
      : [[name, value as Json]],
  );
  mustMatch(
    'members of a definition',
    PAGE,
    Object.keys(MEMBERS),
    members.map(([name]) => name),
  );
  return table(
    ['member', 'default', 'meaning'],
    members.map(([name, value]) => [
      `\`${name}\``,
      value === null ? 'none' : `\`${JSON.stringify(value)}\``,
      MEMBERS[name] ?? '',
    ]),
  );
}

const BOUNDS: Readonly<Record<keyof typeof bounds, string>> = {
  MAX_WINDOWS: 'windows of a stream',
  MAX_AGGREGATES: 'aggregates of a window',
  MAX_KEY_FIELDS: 'fields of a key',
  MAX_NAME: 'characters of a name',
  MAX_FIELD: 'characters of a field',
  MAX_OVERLAP: '`size / every`, and `size / step`: windows of one definition that an event is in',
  MAX_CALENDAR_COUNT: '`count` of a calendar window (24 of hours)',
  MAX_DURATION: 'a duration',
};

function definitionBounds(): string {
  return table(
    ['of a definition', 'at most'],
    Object.entries(bounds).map(([name, most]) => [
      BOUNDS[name as keyof typeof bounds],
      name === 'MAX_DURATION' ? formatDuration(most) : whole(most),
    ]),
  );
}

export const TABLES: Readonly<Record<string, () => string>> = {
  aggregates,
  limits,
  defaults,
  bounds: definitionBounds,
};

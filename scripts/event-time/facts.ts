/** Numbers that the page's sentences quote, each from an engine that was told the story, or from the code. */
import { DEFAULTS } from '../../src/windows/definition/read.js';
import { DISTINCT_ERROR } from '../../src/windows/engine/aggregates/distinct-set.js';
import { QUANTILE_ERROR } from '../../src/windows/engine/aggregates/quantile-sketch.js';
import { DEFAULT_LIMITS, type Json, type WindowResult } from '../../src/windows/engine/messages.js';
import { formatDuration } from '../../src/units.js';
import { play, time, type Played, type Story } from './play.js';
import * as clocks from './stories/clocks.js';
import { clockTime, valuesOf, whole } from './words.js';

/** What the story's window that starts at `start` said, each time. */
function told(story: Story, start: string): { at: number; result: WindowResult }[] {
  const found = play(story).windows.find((window) => window.start === time(start));
  if (!found) throw new Error(`No window of the story starts at ${start}.`);
  return found.told;
}

function toldFirstAt(story: Story, start: string): string {
  return clockTime(told(story, start)[0]?.at ?? NaN);
}

function late(story: Story): string {
  return String(play(story).clock.counters.lateEvents);
}

function withBound(story: Story, bound: string): Story {
  return { ...story, definition: { ...story.definition, watermark: { type: 'bounded', bound } } };
}

function boundFor(story: Story, share: '0.95' | '0.99' | '0.999'): string {
  return formatDuration(play(story).clock.boundFor?.[share] ?? NaN);
}

/** One minute of values, folded by one operator. */
function fold(op: string, values: readonly Json[]): WindowResult {
  const windows = {
    minute: {
      type: 'tumbling',
      size: '1m',
      aggregates: { it: { op, field: 'value', ...(op === 'quantile' && { q: 0.5 }) } },
    },
  };
  const { windows: played } = play({
    definition: { eventTime: 'time', windows },
    arrivals: values.map((value) => ({ at: '12:00:01', element: { time: time('12:00:00'), value } })),
  });
  return played[0]?.told[0]?.result as WindowResult;
}

function value(op: string, values: readonly Json[]): number {
  return fold(op, values).values.it as number;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const SPEEDS = [30, 50, 50, 70];
const TENTHS: readonly number[] = new Array<number>(10).fill(0.1);
const MANY = Array.from({ length: 50_000 }, (_, index) => `car ${index}`);
const lateBy = ({ events }: Played): string => {
  const first = events.find(({ fate }) => fate === 'late');
  return formatDuration((first?.watermark ?? NaN) - (first?.event.time ?? NaN));
};

export const FACTS: Readonly<Record<string, () => string>> = {
  'street.late': () => late(clocks.street),
  'street.lateBy': () => lateBy(play(clocks.street)),
  'street.p50': () => formatDuration(play(clocks.street).clock.delay?.p50 ?? NaN),
  'street.boundFor95': () => boundFor(clocks.street, '0.95'),
  'street.lateAt25s': () => late(withBound(clocks.street, '25s')),
  'street.lateAtBoundFor95': () => late(withBound(clocks.street, boundFor(clocks.street, '0.95'))),
  'street.waits': () => toldFirstAt(clocks.street, '12:00:00'),
  'street.waitsLonger': () =>
    toldFirstAt(withBound(clocks.street, boundFor(clocks.street, '0.95')), '12:00:00'),
  'patience.first': () => valuesOf(told(clocks.patience, '12:00:00')[0]?.result as WindowResult),
  'patience.second': () => valuesOf(told(clocks.patience, '12:00:00')[1]?.result as WindowResult),
  'patience.late': () => late(clocks.patience),
  'tunnel.idleAt': () => clockTime(play(clocks.tunnel).idled[0]?.at ?? NaN),
  'tunnel.late': () => late(clocks.tunnel),
  'tunnel.told': () => toldFirstAt(clocks.tunnel, '12:01:00'),
  'tunnel.revisions': () => String(told(clocks.tunnel, '12:02:00').length),
  'waiting.late': () => late(clocks.waiting),
  'waiting.told': () => toldFirstAt(clocks.waiting, '12:01:00'),
  'ahead.future': () => String(play(clocks.ahead).clock.counters.future),
  'ahead.late': () => late(clocks.ahead),
  'unguarded.late': () => late(clocks.unguarded),
  'behind.heldBackBy': () => String(play(clocks.behind).clock.heldBackBy),
  'behind.told': () => toldFirstAt(clocks.behind, '12:00:00'),
  'behind.late': () => late(clocks.behind),
  'oneClock.told': () => toldFirstAt(clocks.oneClock, '12:00:00'),
  'oneClock.late': () => late(clocks.oneClock),
  'default.futureLimit': () => formatDuration(DEFAULTS.futureLimit),
  'default.dedupeFor': () => formatDuration(DEFAULTS.dedupeFor),
  'quantile.error': () => percent(QUANTILE_ERROR),
  'quantile.example': () => String(Math.round(value('quantile', SPEEDS) * 1000) / 1000),
  'distinct.exact': () => whole(DEFAULT_LIMITS.distinct),
  'distinct.error': () => percent(DISTINCT_ERROR),
  'distinct.of': () => whole(MANY.length),
  'distinct.estimate': () => whole(value('distinct', MANY)),
  'collect.bound': () => whole(DEFAULT_LIMITS.collected),
  'sum.plain': () => String(TENTHS.reduce((sum, one) => sum + one, 0)),
  'sum.compensated': () => String(value('sum', TENTHS)),
};

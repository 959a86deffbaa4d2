/** Every picture of the page: which story it tells, how it is looked at, and what it says to those who do not see it. */
import { clockChart, type ClockView } from './clock-chart.js';
import { play, time, type Played } from './play.js';
import * as clocks from './stories/clocks.js';
import * as kinds from './stories/kinds.js';
import { ticks, windowChart, type WindowView } from './window-chart.js';
import { clockTime, hoursOf, labelOf, longSentenceOf, sentenceOf } from './words.js';

export interface Picture {
  file: string;
  description: string;
  svg: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function span(from: string, to: string, step: number): { from: number; to: number; step: number } {
  return { from: time(from), to: time(to), step };
}

function over(from: string, to: string, step: number, more: Partial<WindowView> = {}): WindowView {
  const [start, end] = [time(from), time(to)];
  return {
    from: start,
    to: end,
    ticks: ticks(start, end, step),
    value: ({ speed }) => String(speed),
    ...more,
  };
}

const OF_SESSIONS: Readonly<Record<string, string>> = {
  trip: 'trip: gap 1m',
  joined: 'joined: gap 1m, touching "merge"',
  capped: 'capped: gap 1m, maxSize 90s',
};

const WINDOW_VIEWS: Readonly<Record<string, WindowView>> = {
  tumbling: over('12:00:00', '12:05:00', MINUTE),
  hopping: over('11:59:00', '12:06:00', MINUTE, {
    title: (name) => (name === 'smooth' ? 'smooth: size 2m, every 1m' : 'sample: size 1m, every 90s'),
  }),
  sliding: over('12:00:00', '12:01:05', 10 * SECOND, { value: ({ force }) => String(force) }),
  session: over('12:00:00', '12:06:00', MINUTE, {
    value: undefined,
    title: (name) => OF_SESSIONS[name] ?? name,
  }),
  bridge: over('12:00:00', '12:06:00', MINUTE, { value: undefined }),
  cumulative: over('12:00:00', '14:00:00', 15 * MINUTE),
  calendar: {
    from: time('2026-03-27T23:00:00Z'),
    to: time('2026-03-31T02:00:00Z'),
    ticks: ['2026-03-27T23', '2026-03-28T23', '2026-03-29T22', '2026-03-30T22'].map((hour, day) => ({
      at: time(`${hour}:00:00Z`),
      label: ['Sat 28 March, in Warsaw', 'Sun 29', 'Mon 30', 'Tue 31'][day] ?? '',
    })),
    title: (name) => (name === 'day' ? 'day: unit day' : 'shift: unit hour, count 8'),
    label: (window) => `${hoursOf(window)} h: ${labelOf(window)}`,
  },
};

const CLOCK_VIEWS: Readonly<Record<string, ClockView>> = {
  street: {
    received: span('12:00:00', '12:03:00', 30 * SECOND),
    time: span('12:00:00', '12:03:00', 30 * SECOND),
    height: 250,
  },
  patience: {
    received: span('12:00:00', '12:03:00', 30 * SECOND),
    time: span('12:00:00', '12:03:00', 30 * SECOND),
    height: 250,
  },
  tunnel: {
    received: span('12:00:00', '12:05:30', MINUTE),
    time: span('12:00:00', '12:05:00', MINUTE),
    height: 300,
    other: 'A',
    words: { intime: 'phone B', other: 'phone A', correcting: 'phone A: corrects', late: 'phone A: late' },
    notes: [{ from: time('12:01:00'), to: time('12:03:30'), words: 'phone A has no network' }],
  },
  waiting: {
    received: span('12:00:00', '12:05:30', MINUTE),
    time: span('12:00:00', '12:05:00', MINUTE),
    height: 240,
    other: 'A',
    words: { intime: 'phone B', other: 'phone A', correcting: 'phone A: corrects', late: 'phone A: late' },
    notes: [{ from: time('12:01:00'), to: time('12:03:30'), words: 'phone A has no network' }],
  },
  ahead: {
    received: span('12:00:00', '12:03:10', 30 * SECOND),
    time: span('12:00:00', '12:03:00', 30 * SECOND),
    height: 190,
  },
  unguarded: {
    received: span('12:00:00', '12:03:10', 30 * SECOND),
    time: span('12:00:00', '12:03:00', 30 * SECOND),
    height: 190,
  },
  behind: {
    received: span('12:00:00', '12:03:40', 30 * SECOND),
    time: span('11:58:00', '12:03:00', MINUTE),
    height: 260,
    other: 'D',
    words: { intime: 'phone C', other: 'phone D', late: 'phone D, late' },
  },
  oneClock: {
    received: span('12:00:00', '12:03:40', 30 * SECOND),
    time: span('11:58:00', '12:03:00', MINUTE),
    height: 260,
    other: 'D',
    words: { intime: 'phone C', other: 'phone D', late: 'phone D, late' },
  },
  marks: {
    received: span('12:00:45', '12:03:30', 30 * SECOND),
    time: span('12:00:00', '12:03:00', MINUTE),
    height: 190,
  },
};

/** What each picture shows, before its results. */
const SHOWS: Readonly<Record<string, string>> = {
  tumbling: 'Eight events over event time and the one-minute windows that they are in.',
  hopping: 'The same eight events in overlapping windows, and in windows with gaps between them.',
  sliding: 'Five events and the windows of ten seconds around each.',
  session:
    'Five events and their sessions: separate where they touch, merged where they touch, and no longer than 90 seconds.',
  bridge: 'A late event between two sessions makes them one.',
  cumulative: 'Five events in windows that begin at the full hour and grow by 15 minutes.',
  calendar: 'Days and shifts in Warsaw around the night in which the clock leaps forward.',
  street:
    'Events by when they happened and when they were received; the watermark climbs ten seconds behind the newest.',
  patience: 'The same events, with windows that are corrected for a minute after they close.',
  tunnel: 'Two phones, one in a tunnel: idle after a minute, its events come late and correct some windows.',
  waiting: 'The same events where no source is ever idle: the watermark waits for the phone in the tunnel.',
  ahead: 'A phone an hour ahead: its events are kept and do not move the watermark.',
  unguarded: 'The same events without the guard: the watermark leaps ahead and all that follows is late.',
  behind: 'A phone a minute and a half behind: the watermark waits for it and nothing is late.',
  oneClock: 'The same events with one clock for all: all that the slow phone says is late.',
  marks: 'The watermark climbs only where the producer says so.',
};

/** All pictures by name, drawn. */
export function pictures(): Map<string, Picture> {
  const stories = { ...kinds, ...clocks };
  const drawn = new Map<string, Picture>();
  for (const [name, story] of Object.entries(stories)) {
    const [windowView, clockView] = [WINDOW_VIEWS[name], CLOCK_VIEWS[name]];
    if (!windowView && !clockView) continue;
    const played = play(story);
    const description = describe(name, played, clockView !== undefined);
    const svg = windowView
      ? windowChart(played, windowView, description)
      : clockChart(played, clockView as ClockView, description);
    drawn.set(name, {
      file: `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.svg`,
      description,
      svg,
    });
  }
  return drawn;
}

function describe(name: string, { windows, definition, clock }: Played, withClock: boolean): string {
  const sentence = name === 'calendar' ? longSentenceOf : sentenceOf;
  const many = Object.keys(definition.windows).length > 1;
  const sentences = windows.map((window) => (many ? `${window.window} ` : '') + sentence(window));
  const where = withClock ? ` The watermark ends at ${clockTime(clock.watermark)}.` : '';
  return `${SHOWS[name] ?? ''}${where} Windows: ${sentences.join('; ')}.`;
}

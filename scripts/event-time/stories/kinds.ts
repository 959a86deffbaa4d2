/** A small stream for each kind of window. Events come in order, a second after they happened, where the kind is all that matters. */
import { time, type Arrival, type JsonObject, type Story } from '../play.js';

const COUNT_AND_MEAN = { n: { op: 'count' }, avg: { op: 'mean', field: 'speed' } };
const COUNT = { n: { op: 'count' } };

/** Events of cars that tell their speed, each received a second after it happened. */
function drives(...speeds: readonly (readonly [at: string, speed: number])[]): Arrival[] {
  return speeds.map(([at, speed]) => soon(at, { speed }));
}

function soon(at: string, data: JsonObject): Arrival {
  const happened = time(at);
  return {
    at: new Date(happened + 1000).toISOString(),
    element: { time: new Date(happened).toISOString(), ...data },
  };
}

export const tumbling: Story = {
  definition: {
    eventTime: 'time',
    windows: { minute: { type: 'tumbling', size: '1m', aggregates: COUNT_AND_MEAN } },
  },
  arrivals: drives(
    ['12:00:05', 50],
    ['12:00:20', 30],
    ['12:00:40', 40],
    ['12:01:00', 60],
    ['12:01:30', 20],
    ['12:02:25', 45],
    ['12:02:50', 35],
    ['12:04:20', 30],
  ),
};

export const hopping: Story = {
  definition: {
    eventTime: 'time',
    windows: {
      smooth: { type: 'hopping', size: '2m', every: '1m', aggregates: COUNT_AND_MEAN },
      sample: { type: 'hopping', size: '1m', every: '90s', aggregates: COUNT_AND_MEAN },
    },
  },
  arrivals: tumbling.arrivals,
};

export const sliding: Story = {
  definition: {
    eventTime: 'time',
    windows: {
      close: {
        type: 'sliding',
        size: '10s',
        aggregates: { n: { op: 'count' }, max: { op: 'max', field: 'force' } },
      },
    },
  },
  arrivals: [
    soon('12:00:12', { force: 3 }),
    soon('12:00:16', { force: 7 }),
    soon('12:00:22', { force: 2 }),
    soon('12:00:34', { force: 5 }),
    soon('12:00:50', { force: 1 }),
  ],
};

export const session: Story = {
  definition: {
    eventTime: 'time',
    windows: {
      trip: { type: 'session', gap: '1m', aggregates: COUNT },
      joined: { type: 'session', gap: '1m', touching: 'merge', aggregates: COUNT },
      capped: { type: 'session', gap: '1m', maxSize: '90s', aggregates: COUNT },
    },
  },
  arrivals: drives(['12:00:10', 50], ['12:00:50', 30], ['12:01:50', 40], ['12:04:00', 60], ['12:04:20', 20]),
};

export const bridge: Story = {
  definition: {
    eventTime: 'time',
    lateness: '5m',
    windows: { trip: { type: 'session', gap: '1m', aggregates: COUNT } },
  },
  arrivals: [
    ...drives(['12:00:10', 50], ['12:00:40', 30], ['12:02:00', 40], ['12:02:20', 60], ['12:04:30', 20]),
    { at: '12:04:40', element: { time: '2026-07-29T12:01:20Z', speed: 35 } },
  ],
};

export const cumulative: Story = {
  definition: {
    eventTime: 'time',
    windows: { today: { type: 'cumulative', size: '1h', step: '15m', aggregates: COUNT_AND_MEAN } },
  },
  arrivals: drives(['12:05:00', 50], ['12:20:00', 30], ['12:25:00', 40], ['12:50:00', 60], ['13:10:00', 20]),
};

export const calendar: Story = {
  definition: {
    eventTime: 'time',
    windows: {
      day: { type: 'calendar', unit: 'day', timeZone: 'Europe/Warsaw', aggregates: COUNT },
      shift: { type: 'calendar', unit: 'hour', count: 8, timeZone: 'Europe/Warsaw', aggregates: COUNT },
    },
  },
  arrivals: drives(
    ['2026-03-28T01:00:00Z', 50],
    ['2026-03-28T12:00:00Z', 30],
    ['2026-03-28T20:00:00Z', 30],
    ['2026-03-29T00:30:00Z', 40],
    ['2026-03-29T01:30:00Z', 60],
    ['2026-03-29T09:00:00Z', 60],
    ['2026-03-29T18:00:00Z', 20],
    ['2026-03-30T02:00:00Z', 35],
    ['2026-03-30T10:00:00Z', 45],
    ['2026-03-31T00:30:00Z', 45],
  ),
};

/** Every operator over the same values, of which two are equal and one is missing. */
export const operators: Story = {
  definition: {
    eventTime: 'time',
    windows: {
      minute: {
        type: 'tumbling',
        size: '1m',
        aggregates: {
          all: { op: 'count' },
          known: { op: 'count', field: 'speed' },
          sum: { op: 'sum', field: 'speed' },
          mean: { op: 'mean', field: 'speed' },
          min: { op: 'min', field: 'speed' },
          max: { op: 'max', field: 'speed' },
          variance: { op: 'variance', field: 'speed' },
          stddev: { op: 'stddev', field: 'speed' },
          first: { op: 'first', field: 'speed' },
          last: { op: 'last', field: 'speed' },
          distinct: { op: 'distinct', field: 'speed' },
          median: { op: 'quantile', field: 'speed', q: 0.5 },
          collect: { op: 'collect', field: 'speed' },
        },
      },
    },
  },
  arrivals: [
    ...drives(['12:00:10', 50], ['12:00:20', 30], ['12:00:30', 50], ['12:00:40', 70]),
    soon('12:00:50', {}),
    soon('12:01:00', { speed: 0 }),
  ],
};

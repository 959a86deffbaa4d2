/** Stories of the clock: how far it is, who holds it back, and what comes too late for it. */
import { time, type Arrival, type JsonObject, type Story } from '../play.js';

const AVERAGE = { n: { op: 'count' }, avg: { op: 'mean', field: 'speed' } };

const MINUTES = { minute: { type: 'tumbling', size: '1m', aggregates: AVERAGE } };

/** An event at `at`, received at `received`. */
function drive(at: string, received: string, speed: number, more: JsonObject = {}): Arrival {
  return { at: received, element: { time: new Date(time(at)).toISOString(), speed, ...more } };
}

const STREET: readonly Arrival[] = [
  drive('12:00:10', '12:00:12', 50),
  drive('12:00:30', '12:00:33', 40),
  drive('12:00:24', '12:00:44', 45),
  drive('12:00:50', '12:00:53', 30),
  drive('12:01:20', '12:01:22', 35),
  drive('12:00:56', '12:01:34', 60),
  drive('12:01:45', '12:01:47', 20),
  drive('12:02:10', '12:02:12', 25),
  drive('12:02:00', '12:02:20', 55),
  drive('12:00:40', '12:02:32', 40),
  drive('12:02:40', '12:02:45', 45),
];

/** One street, no patience beyond the bound. */
export const street: Story = {
  definition: { eventTime: 'time', watermark: { type: 'bounded', bound: '10s' }, windows: MINUTES },
  arrivals: STREET,
};

/** The same events, and windows that are corrected for another minute. */
export const patience: Story = {
  definition: { ...street.definition, lateness: '1m' },
  arrivals: STREET,
};

/** Two phones; that of car A is in a tunnel from 12:01:00 to 12:03:30 and then sends what it has kept, two of it in the wrong order. */
const TUNNEL: readonly Arrival[] = [
  drive('12:00:10', '12:00:11', 50, { phone: 'A' }),
  drive('12:00:20', '12:00:21', 30, { phone: 'B' }),
  drive('12:00:40', '12:00:41', 52, { phone: 'A' }),
  drive('12:00:50', '12:00:51', 32, { phone: 'B' }),
  drive('12:01:20', '12:01:21', 30, { phone: 'B' }),
  { at: '12:01:41', tick: true },
  drive('12:01:50', '12:01:51', 34, { phone: 'B' }),
  drive('12:02:20', '12:02:21', 32, { phone: 'B' }),
  drive('12:02:50', '12:02:51', 30, { phone: 'B' }),
  drive('12:03:20', '12:03:21', 28, { phone: 'B' }),
  drive('12:01:10', '12:03:31', 54, { phone: 'A' }),
  drive('12:01:40', '12:03:33', 56, { phone: 'A' }),
  drive('12:02:25', '12:03:35', 60, { phone: 'A' }),
  drive('12:02:15', '12:03:37', 58, { phone: 'A' }),
  drive('12:03:05', '12:03:39', 62, { phone: 'A' }),
  drive('12:03:40', '12:03:43', 50, { phone: 'A' }),
  drive('12:03:50', '12:03:51', 30, { phone: 'B' }),
  drive('12:04:10', '12:04:11', 48, { phone: 'A' }),
  drive('12:04:20', '12:04:21', 30, { phone: 'B' }),
];

export const tunnel: Story = {
  definition: {
    source: 'phone',
    eventTime: 'time',
    watermark: { type: 'bounded', bound: '15s', idleAfter: '1m' },
    lateness: '1m',
    windows: MINUTES,
  },
  arrivals: TUNNEL,
};

/** The same events, but nobody is ever taken for idle. */
export const waiting: Story = {
  definition: { ...tunnel.definition, watermark: { type: 'bounded', bound: '15s' } },
  arrivals: TUNNEL,
};

/** Everyone is on time, but the clock of one phone is an hour ahead, until it is set at 12:01:30. */
const AHEAD: readonly Arrival[] = [
  drive('12:00:10', '12:00:11', 50),
  drive('12:00:25', '12:00:26', 30),
  drive('13:00:40', '12:00:41', 45),
  drive('12:00:50', '12:00:51', 40),
  drive('12:01:10', '12:01:11', 35),
  drive('13:01:20', '12:01:21', 55),
  drive('12:01:35', '12:01:36', 20),
  drive('12:01:55', '12:01:56', 25),
  drive('12:02:15', '12:02:16', 30),
];

export const ahead: Story = {
  definition: {
    eventTime: 'time',
    watermark: { type: 'bounded', bound: '5s', futureLimit: '5m' },
    windows: MINUTES,
  },
  arrivals: AHEAD,
};

/** The same events without the guard. */
export const unguarded: Story = {
  definition: { ...ahead.definition, watermark: { type: 'bounded', bound: '5s', futureLimit: null } },
  arrivals: AHEAD,
};

/** The clock of phone D is a minute and a half behind. */
const BEHIND: readonly Arrival[] = [
  drive('11:58:40', '12:00:10', 45, { phone: 'D' }),
  drive('12:00:20', '12:00:21', 50, { phone: 'C' }),
  drive('11:59:10', '12:00:40', 47, { phone: 'D' }),
  drive('12:00:50', '12:00:51', 30, { phone: 'C' }),
  drive('11:59:40', '12:01:10', 49, { phone: 'D' }),
  drive('12:01:20', '12:01:21', 40, { phone: 'C' }),
  drive('12:00:10', '12:01:40', 51, { phone: 'D' }),
  drive('12:01:50', '12:01:51', 35, { phone: 'C' }),
  drive('12:00:40', '12:02:10', 53, { phone: 'D' }),
  drive('12:02:20', '12:02:21', 20, { phone: 'C' }),
  drive('12:01:10', '12:02:40', 55, { phone: 'D' }),
  drive('12:02:50', '12:02:51', 25, { phone: 'C' }),
];

export const behind: Story = {
  definition: {
    source: 'phone',
    eventTime: 'time',
    watermark: { type: 'bounded', bound: '5s', idleAfter: '1m' },
    windows: MINUTES,
  },
  arrivals: BEHIND,
};

/** The same events where the stream knows nothing of phones: one clock for all. */
export const oneClock: Story = {
  definition: { ...behind.definition, source: null },
  arrivals: BEHIND,
};

/** A producer that reads a file of each minute, and knows when it is through. */
export const marks: Story = {
  definition: {
    eventTime: 'time',
    watermark: { type: 'punctuated' },
    windows: MINUTES,
  },
  arrivals: [
    drive('12:00:35', '12:01:05', 40),
    drive('12:00:10', '12:01:08', 50),
    drive('12:00:50', '12:01:12', 30),
    { at: '12:01:16', element: { $watermark: '2026-07-29T12:01:00Z' } },
    drive('12:01:40', '12:02:05', 35),
    drive('12:01:15', '12:02:10', 25),
    { at: '12:02:20', element: { $watermark: '2026-07-29T12:02:00Z' } },
    drive('12:02:20', '12:02:40', 45),
    { at: '12:02:52', element: { $watermark: 'end' } },
  ],
};

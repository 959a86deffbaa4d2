/** Draws a stream's clock: each event where it happened (up) and when it was received (right), and the watermark climbing its steps. */
import { Labels } from './labels.js';
import { legend, shape, type LegendItem, type Shape } from './marks.js';
import type { Played, PlayedEvent, PlayedWindow } from './play.js';
import { line, picture, rectangle, steps, text, WIDTH } from './svg.js';
import { ticks } from './window-chart.js';
import { clockTime, valuesOf } from './words.js';

export interface ClockView {
  /** Received time, left to right. */
  received: { from: number; to: number; step: number };
  /** Event time, bottom to top. */
  time: { from: number; to: number; step: number };
  height: number;
  /** The phone that is drawn apart from all others. */
  other?: string;
  /** What marks are called below the picture, where their usual names say too little. */
  words?: Partial<Record<LegendItem, string>>;
  /** What happened in a while of received time. */
  notes?: readonly { from: number; to: number; words: string }[];
}

interface Frame {
  view: ClockView;
  played: Played;
  x: (at: number) => number;
  y: (at: number) => number;
  used: Set<LegendItem>;
  /** Those of the watermark's line, in pixels. */
  corners: readonly (readonly [x: number, y: number])[];
}

const [LEFT, RIGHT, TOP] = [64, WIDTH - 14, 34];

export function clockChart(played: Played, view: ClockView, description: string): string {
  const { received, time, height } = view;
  const used = new Set<LegendItem>();
  const x = (at: number): number =>
    LEFT + ((at - received.from) / (received.to - received.from)) * (RIGHT - LEFT);
  const y = (at: number): number => TOP + height - ((at - time.from) / (time.to - time.from)) * height;
  const frame = { view, played, x, y, used, corners: watermark(played, view, x, y) };
  used.add('now');
  if (frame.corners.length > 0) used.add('watermark');
  const bottom = TOP + height;
  const parts = [
    ...played.windows.map((window) => band(window, frame)),
    ...axes(frame),
    ...notes(frame),
    steps(frame.corners, 'watermark'),
    ...played.events.map((event) => dot(event, frame)),
    ...played.marks.map(({ mark }) => {
      used.add('mark');
      return shape('mark', x(mark.received), Math.max(y(mark.time), TOP));
    }),
    ...labels(frame),
  ];
  const below = legend(used, { x: 16, y: bottom + 42, right: RIGHT, words: view.words });
  return picture(below.bottom + 12, description, [...parts, below.drawn]);
}

function axes({ view, x, y }: Frame): string[] {
  const { received, time, height } = view;
  const bottom = TOP + height;
  return [
    text(16, 18, 'event time ↑', 'small head'),
    text(RIGHT, bottom + 18, 'received →', 'small head end'),
    ...ticks(received.from, received.to, received.step)
      .filter(({ at }) => x(at) < RIGHT - 90)
      .map(({ at, label }) => text(x(at), bottom + 18, label, 'small muted middle')),
    ...ticks(time.from, time.to, time.step).map(
      ({ at, label }) =>
        text(LEFT - 8, y(at) + 4, label, 'small muted end') + line(LEFT, y(at), RIGHT, y(at), 'grid'),
    ),
    // Where an event would be that is received as it happens.
    line(
      x(Math.max(received.from, time.from)),
      y(Math.max(received.from, time.from)),
      x(Math.min(received.to, time.to)),
      y(Math.min(received.to, time.to)),
      'now',
    ),
    line(LEFT, TOP, LEFT, bottom, 'axis'),
    line(LEFT, bottom, RIGHT, bottom, 'axis'),
  ];
}

/** The corners of the watermark's line. */
function watermark(
  { steps: rises }: Played,
  view: ClockView,
  x: (at: number) => number,
  y: (at: number) => number,
): [number, number][] {
  const shown = rises.filter((rise) => rise.watermark >= view.time.from);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return [];
  const place = (at: number): number => Math.max(y(at), TOP);
  return [
    [x(first.at), y(view.time.from)],
    ...shown.map((rise): [number, number] => [x(rise.at), place(rise.watermark)]),
    [RIGHT, place(last.watermark)],
  ];
}

/** A window as a band of event time, from its first event on, in the shade of each state that it goes through. */
function band({ start, end, since, state }: PlayedWindow, { played, view, x, y, used }: Frame): string {
  if (end <= view.time.from || start >= view.time.to || state === 'withdrawn') return '';
  const top = Math.max(y(end), TOP);
  const height = y(Math.max(start, view.time.from)) - top;
  const reached = (watermark: number): number =>
    played.steps.find((step) => step.watermark >= watermark)?.at ?? Infinity;
  const bounds = [since, reached(end), reached(end + played.definition.lateness), Infinity];
  let drawn = '';
  for (const [place, name] of (['open', 'closed', 'final'] as const).entries()) {
    const from = Math.max(x(bounds[place] as number), x(since));
    const to = Math.min(x(bounds[place + 1] as number), RIGHT);
    if (from >= to) continue;
    used.add(name);
    drawn += rectangle(from, top, to - from, height, name);
  }
  return drawn;
}

function dot({ event, element, fate }: PlayedEvent, { view, x, y, used }: Frame): string {
  const apart = view.other !== undefined && element.phone === view.other;
  const kind: Shape = fate === 'intime' && apart ? 'other' : fate;
  used.add(kind);
  const at = x(event.received);
  if (event.time <= view.time.to) return shape(kind, at, y(event.time));
  return shape(kind, at, TOP + 2) + text(at + 9, TOP - 4, `at ${clockTime(event.time)}`, 'small halo');
}

/** What windows said, from where they said it on. */
function labels({ played, view, x, y, corners }: Frame): string[] {
  const places = new Labels(RIGHT);
  for (const { event } of played.events) places.avoidDot(x(event.received), Math.max(y(event.time), TOP));
  places.avoidSteps(corners);
  return played.windows.flatMap(({ told, start, end }) => {
    if (end <= view.time.from || start >= view.time.to) return [];
    return told.map(({ at, result }) => {
      const revision = result.revision === 0 ? 'so far' : `revision ${result.revision}`;
      const words = `${revision}: ${valuesOf(result)}`;
      return places.place({ words, x: x(at), top: Math.max(y(end), TOP), bottom: y(start) });
    });
  });
}

/** What happened to a source meanwhile, and which source was taken for idle. */
function notes({ view, played, x }: Frame): string[] {
  return [
    ...(view.notes ?? []).map(({ from, to, words }) => {
      const [left, right] = [x(from), x(to)];
      return (
        line(left, TOP - 6, right, TOP - 6, 'axis') +
        text((left + right) / 2, TOP - 12, words, 'small middle')
      );
    }),
    ...played.idled.map(({ at, source }) => {
      const bottom = TOP + view.height;
      return (
        line(x(at), TOP, x(at), bottom, 'now') +
        text(x(at) + 5, TOP + 12, `${String(source)} is idle`, 'small halo')
      );
    }),
  ];
}

/** Draws windows over event time: the events in a row, below them a bar for each window. */
import { legend, shape, type LegendItem } from './marks.js';
import type { Played, PlayedWindow } from './play.js';
import { line, picture, rectangle, text, WIDTH, widthOf } from './svg.js';
import { clockTime, labelOf } from './words.js';

export interface WindowView {
  from: number;
  to: number;
  ticks: readonly { at: number; label: string }[];
  /** What stands over an event; none for no text. */
  value?: (element: Readonly<Record<string, unknown>>) => string;
  /** What a row of bars is called; the name of its window, where it is left out. */
  title?: (window: string) => string;
  /** What a bar says. */
  label?: (window: PlayedWindow) => string;
}

const [LEFT, RIGHT] = [20, WIDTH - 20];
const [TOP, EVENTS, ROWS] = [16, 52, 70];
const [BAR, LANE, TITLE] = [16, 21, 20];

export function windowChart(played: Played, view: WindowView, description: string): string {
  const x = (at: number): number => LEFT + ((at - view.from) / (view.to - view.from)) * (RIGHT - LEFT);
  const used = new Set<LegendItem>();
  const rows: string[] = [];
  let y = ROWS;
  for (const window of Object.keys(played.definition.windows)) {
    rows.push(text(LEFT, y + 12, view.title?.(window) ?? window, 'small head halo'));
    const drawn = bars(
      played.windows.filter((one) => one.window === window),
      { x, y: y + TITLE, label: view.label ?? labelOf },
      used,
    );
    rows.push(...drawn.parts);
    y = drawn.bottom + 6;
  }
  const events = played.events.map(({ event, fate, element }) => {
    used.add(fate);
    const value = view.value?.(element);
    const over = value ? text(x(event.time), EVENTS - 10, value, 'small middle') : '';
    return over + shape(fate, x(event.time), EVENTS);
  });
  const parts = [...axis(view, x, y), ...watermark(played, x, y, used), ...rows, ...events];
  const below = legend(used, { x: LEFT, y: y + 18, right: RIGHT });
  return picture(below.bottom + 12, description, [...parts, below.drawn]);
}

function axis(view: WindowView, x: (at: number) => number, bottom: number): string[] {
  return [
    ...view.ticks.map(({ at, label }) => {
      const end = x(at) > RIGHT - 30 ? ' end' : x(at) < LEFT + 10 ? '' : ' middle';
      return line(x(at), TOP + 6, x(at), bottom, 'grid') + text(x(at), TOP, label, `small muted${end}`);
    }),
    line(LEFT, EVENTS, RIGHT, EVENTS, 'axis'),
  ];
}

function watermark(
  { clock }: Played,
  x: (at: number) => number,
  bottom: number,
  used: Set<LegendItem>,
): string[] {
  const at = x(clock.watermark);
  if (!(at >= LEFT && at <= RIGHT)) return [];
  used.add('watermark');
  return [line(at, EVENTS - 8, at, bottom, 'watermark')];
}

interface BarPlace {
  x: (at: number) => number;
  y: number;
  label: (window: PlayedWindow) => string;
}

/** Each bar in the first lane where it and its text have room. */
function bars(
  windows: readonly PlayedWindow[],
  { x, y, label }: BarPlace,
  used: Set<LegendItem>,
): { parts: string[]; bottom: number } {
  const lanes: number[] = [];
  const parts = windows.map((window) => {
    used.add(window.state);
    const [from, to] = [Math.max(x(window.start), LEFT), Math.min(x(window.end), RIGHT)];
    const words = label(window);
    const inside = to - from >= widthOf(words) + 8;
    const before = !inside && to + widthOf(words) + 8 > RIGHT;
    const left = before ? from - widthOf(words) - 8 : from;
    let lane = lanes.findIndex((taken) => taken <= left + 1e-6);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = inside || before ? to : to + widthOf(words) + 8;
    const top = y + lane * LANE;
    const at = inside ? from + 5 : before ? from - 5 : to + 5;
    const style = `small${before ? ' end' : ''}${inside ? '' : ' halo'}`;
    return rectangle(from, top, to - from, BAR, window.state) + text(at, top + 12, words, style);
  });
  return { parts, bottom: y + lanes.length * LANE };
}

/** Ticks at every `step` from `from` to `to`, in UTC. */
export function ticks(from: number, to: number, step: number): { at: number; label: string }[] {
  const found: { at: number; label: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push({ at, label: clockTime(at) });
  return found;
}

/** How events and windows look, and the line that explains it below each picture. */
import type { Fate, WindowState } from './play.js';
import { element, line, rectangle, text, widthOf } from './svg.js';

/** A mark for each fate: shapes differ, not only colours. */
const SHAPES: Readonly<Record<Fate | 'other' | 'mark', (x: number, y: number) => string>> = {
  intime: (x, y) => element('circle', { cx: x, cy: y, r: 4, class: 'intime' }),
  other: (x, y) => element('rect', { x: x - 3.5, y: y - 3.5, width: 7, height: 7, class: 'other' }),
  correcting: (x, y) => path(x, y, 'm0-5.5 5.5 5.5-5.5 5.5-5.5-5.5z', 'correcting'),
  late: (x, y) => path(x, y, 'm-4-4 8 8m0-8-8 8', 'late'),
  future: (x, y) => path(x, y, 'm0-5.5 5.5 9.5h-11z', 'future'),
  unassigned: (x, y) => element('circle', { cx: x, cy: y, r: 4, class: 'unassigned' }),
  mark: (x, y) => path(x, y, 'm-3-6h6v12h-6z', 'mark'),
};

export type Shape = keyof typeof SHAPES;

export function shape(kind: Shape, x: number, y: number): string {
  return SHAPES[kind](x, y);
}

/** From the left of a sample to its text. */
const SAMPLE = 19;

export type LegendItem = Shape | WindowState | 'watermark' | 'now';

const MEANING: Readonly<Record<LegendItem, string>> = {
  intime: 'event',
  other: 'event of the other phone',
  correcting: 'corrects a closed window',
  late: 'late: missed its window',
  future: 'far ahead: moves no clock',
  unassigned: 'event in no window',
  mark: '$watermark mark',
  watermark: 'watermark',
  now: 'no delay',
  open: 'open',
  closed: 'closed',
  final: 'final',
  withdrawn: 'withdrawn',
};

interface LegendPlace {
  x: number;
  y: number;
  right: number;
  words?: Partial<Record<LegendItem, string>> | undefined;
}

/** What the marks of a picture mean, in as few lines as fit. @returns it, with the base of its last line */
export function legend(
  items: ReadonlySet<LegendItem>,
  { x, y, right, words }: LegendPlace,
): { drawn: string; bottom: number } {
  let [left, base] = [x, y];
  let drawn = '';
  for (const item of Object.keys(MEANING) as LegendItem[]) {
    if (!items.has(item)) continue;
    const meaning = words?.[item] ?? MEANING[item];
    const width = SAMPLE + widthOf(meaning);
    if (left + width > right) [left, base] = [x, base + 18];
    drawn += sample(item, left + 7, base - 4) + text(left + SAMPLE, base, meaning, 'small muted');
    left += width + 14;
  }
  return { drawn, bottom: base };
}

function sample(item: LegendItem, x: number, y: number): string {
  if (item === 'watermark' || item === 'now') return line(x - 7, y, x + 7, y, item);
  if (item === 'open' || item === 'closed' || item === 'final' || item === 'withdrawn')
    return rectangle(x - 7, y - 5, 14, 10, item);
  return shape(item, x, y);
}

function path(x: number, y: number, d: string, style: string): string {
  return element('path', {
    transform: `translate(${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10})`,
    d,
    class: style,
  });
}

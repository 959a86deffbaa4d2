import type { Json } from '../engine/messages.js';
import type { KnownWindow } from '../shown.js';
import type { Fill } from './windows.dto.js';

type Values = Readonly<Record<string, Json>>;
type Span = Pick<KnownWindow, 'start' | 'end'>;

/**
 * Adds to the windows of one key those that nobody is in.
 * @param spans all there could be, by start, then end
 * @param known those there are, in the same order
 * @param names of the aggregates
 * @returns as many as there are spans; those added have no events and revision 0
 */
export function filled(
  spans: readonly Span[],
  known: readonly KnownWindow[],
  key: string,
  fill: Fill,
  names: readonly string[],
): KnownWindow[] {
  const there = new Map(known.map((window) => [placeOf(window), window]));
  const nothing = Object.fromEntries(names.map((name) => [name, null]));
  const next = new Ahead(known);
  let before: KnownWindow | undefined;
  return spans.map((span) => {
    const window = there.get(placeOf(span));
    if (window) return (before = window);
    const after = next.after(span);
    const values = valuesBetween(fill, span, before, after) ?? nothing;
    return { ...span, key, revision: 0, events: 0, values };
  });
}

function valuesBetween(
  fill: Fill,
  span: Span,
  before: KnownWindow | undefined,
  after: KnownWindow | undefined,
): Values | undefined {
  if (fill === 'null' || !before) return undefined;
  if (fill === 'previous') return before.values;
  if (!after) return undefined;
  // Cumulative windows have one start and several ends.
  const by = after.start === before.start ? 'end' : 'start';
  const share = (span[by] - before[by]) / (after[by] - before[by]);
  return Object.fromEntries(
    Object.entries(before.values).map(([name, from]) => {
      const to = after.values[name];
      const numbers = typeof from === 'number' && typeof to === 'number';
      return [name, numbers ? from + (to - from) * share : null];
    }),
  );
}

/** Goes along windows as their spans go by. */
class Ahead {
  private at = 0;

  constructor(private readonly known: readonly KnownWindow[]) {}

  after({ start, end }: Span): KnownWindow | undefined {
    for (; this.at < this.known.length; this.at++) {
      const one = this.known[this.at] as KnownWindow;
      if (one.start > start || (one.start === start && one.end > end)) return one;
    }
    return undefined;
  }
}

function placeOf({ start, end }: Span): string {
  return `${start} ${end}`;
}

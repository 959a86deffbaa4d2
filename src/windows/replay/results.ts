import type { Sink, WindowResult, Withdrawal } from '../engine/messages.js';
import type { StreamEngine } from '../storage/core.js';
import { MOST_WINDOWS } from './messages.js';

/** The newest results of each window, up to a bound a definition. */
export class Results implements Sink {
  private readonly told = new Map<string, Map<string, WindowResult>>();
  private readonly full = new Set<string>();

  constructor(private readonly names: readonly string[]) {
    for (const name of names) this.told.set(name, new Map());
  }

  result(result: WindowResult): void {
    const told = this.of(result.window);
    const place = placeOf(result);
    if (told.size < MOST_WINDOWS || told.has(place)) told.set(place, result);
    else this.full.add(result.window);
  }

  withdrawal(withdrawal: Withdrawal): void {
    this.of(withdrawal.window).delete(placeOf(withdrawal));
  }

  alarm(): void {
    // What raises an alarm is told by its counters.
  }

  /** What all windows say, with those that are open. */
  with(engine: StreamEngine): Record<string, { items: WindowResult[]; truncated: boolean }> {
    return Object.fromEntries(
      this.names.map((window) => {
        const told = [...this.of(window).values()].sort(byPlace);
        const open = engine.open({ window, limit: MOST_WINDOWS + 1 - told.length });
        const all = [...told, ...open];
        const truncated = this.full.has(window) || all.length > MOST_WINDOWS;
        return [window, { items: all.slice(0, MOST_WINDOWS).sort(byPlace), truncated }];
      }),
    );
  }

  private of(window: string): Map<string, WindowResult> {
    return this.told.get(window) as Map<string, WindowResult>;
  }
}

function placeOf({ start, end, key }: { start: number; end: number; key: string }): string {
  return `${start} ${end} ${key}`;
}

function byPlace(a: WindowResult, b: WindowResult): number {
  return a.start - b.start || a.end - b.end || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

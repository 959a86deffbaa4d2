import type { JournalService } from '../../journal/journal.service.js';
import { STREAM_TICK, STREAM_WAKE } from '../messages.js';
import { StreamKeeper } from './stream-keeper.service.js';

/** A journal that wants one tick some time from now, and counts the steps of housekeeping. */
class Journal {
  ticks: number[] = [];
  steps = 0;
  failures = 0;

  constructor(
    private wake: number | null,
    private work: number,
  ) {}

  ask(type: string): Promise<unknown> {
    if (type === STREAM_WAKE) return Promise.resolve(this.wake);
    this.steps++;
    if (this.failures-- > 0) return Promise.reject(new Error('no thread now'));
    return Promise.resolve({ more: --this.work > 0, broken: [] });
  }

  append(kind: string, payload: unknown, _: number, answer: (error: Error | null) => void): boolean {
    expect(kind).toBe(STREAM_TICK);
    this.ticks.push((payload as { now: number }).now);
    this.wake = null;
    answer(null);
    return true;
  }
}

const until = async (held: () => boolean): Promise<void> => {
  while (!held()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('StreamKeeper', () => {
  const keeping = async (journal: Journal, held: () => boolean): Promise<void> => {
    const keeper = new StreamKeeper(journal as unknown as JournalService);
    keeper.onApplicationBootstrap();
    await until(held);
    keeper.beforeApplicationShutdown();
  };

  it('ticks when a stream waits for it, and not before', async () => {
    const due = Date.now() + 100;
    const journal = new Journal(due, 0);
    await keeping(journal, () => journal.ticks.length > 0);
    expect(journal.ticks).toEqual([expect.any(Number)]);
    expect(journal.ticks[0]).toBeGreaterThanOrEqual(due);
    expect(journal.ticks[0]).toBeLessThan(due + 2000);
  });

  it('takes step after step while there is work, and tries again after a failure', async () => {
    const journal = new Journal(null, 5);
    journal.failures = 1;
    await keeping(journal, () => journal.steps >= 6);
    const { steps } = journal;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(journal.steps).toBe(steps); // stopped
  });
});

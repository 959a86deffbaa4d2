import type { AnswerStore, Entry } from './answer-store.js';
import { MemoryStore } from './memory-store.js';
import { SharedStore, type Shelf } from './shared-store.js';

const BOUNDS = { timeout: 20, ttl: 1000 };
const RESULT: Entry = { value: '"prediction":[1]' };

/** A shelf that does what its `mood` says. */
class MoodyShelf implements Shelf {
  mood: 'well' | 'broken' | 'silent' = 'well';
  asked = 0;
  readonly texts = new Map<string, string>();

  get(key: string): Promise<string | undefined> {
    return this.inMood(() => this.texts.get(key));
  }

  set(key: string, text: string): Promise<unknown> {
    return this.inMood(() => this.texts.set(key, text));
  }

  private inMood<T>(work: () => T): Promise<T> {
    this.asked++;
    if (this.mood === 'silent') return new Promise(() => undefined);
    return this.mood === 'well' ? Promise.resolve(work()) : Promise.reject(new Error('broken'));
  }
}

const STORES: [string, () => AnswerStore][] = [
  ['MemoryStore', () => new MemoryStore(10_000)],
  ['SharedStore', () => new SharedStore(new MoodyShelf(), BOUNDS)],
];

describe.each(STORES)('%s', (_name, make) => {
  it('gives back what was kept, and nothing else', async () => {
    const store = make();
    expect(store.on).toBe(true);
    expect(await store.get('a')).toBeUndefined();
    store.set('a', RESULT);
    expect(await store.get('a')).toMatchObject(RESULT);
    expect(await store.get('b')).toBeUndefined();
  });

  it('takes the newer result', async () => {
    const store = make();
    store.set('a', RESULT);
    store.set('a', { value: '"prediction":[2]' });
    expect(await store.get('a')).toMatchObject({ value: '"prediction":[2]' });
  });
});

describe('MemoryStore', () => {
  it('keeps no more than its bytes, and forgets what was not used for the longest time', () => {
    const store = new MemoryStore(2000);
    for (let n = 0; n < 100; n++) store.set(`key ${n}`, RESULT);
    const kept = Array.from({ length: 100 }, (_, n) => n).filter((n) => store.get(`key ${n}`));
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(12);
    expect(kept.at(-1)).toBe(99);
    expect(new MemoryStore(0).on).toBe(false);
  });

  it('drops what a version answered', () => {
    const store = new MemoryStore(2000);
    store.set('one/1', RESULT);
    store.set('two/1', RESULT);
    store.purge('one/');
    expect([store.get('one/1'), store.get('two/1')]).toEqual([undefined, RESULT]);
  });
});

describe('SharedStore', () => {
  /** A store whose clock is moved by hand. */
  function storeOver(shelf: Shelf): { store: SharedStore; told: (string | null)[]; clock: { now: number } } {
    const told: (string | null)[] = [];
    const clock = { now: 0 };
    const changed = (reason: string | null): number => told.push(reason);
    return { store: new SharedStore(shelf, BOUNDS, changed, () => clock.now), told, clock };
  }

  it.each(['broken', 'silent'] as const)(
    'takes a %s shelf for an empty one, for a while without asking it',
    async (mood) => {
      const shelf = new MoodyShelf();
      const { store, told, clock } = storeOver(shelf);
      store.set('a', RESULT);
      shelf.mood = mood;
      expect(await store.get('a')).toBeUndefined();
      const asked = shelf.asked;
      for (let n = 0; n < 10; n++) expect(await store.get('a')).toBeUndefined();
      store.set('b', RESULT);
      expect(shelf.asked).toBe(asked);
      expect(store.counters).toMatchObject({ failed: 1, skipped: 11 });
      expect(store.trouble).toBe(mood === 'broken' ? 'broken' : 'no answer within 20 ms');

      clock.now += 1000;
      await store.check();
      expect(store.trouble).not.toBeNull();
      expect(store.counters.failed).toBe(2);

      shelf.mood = 'well';
      clock.now += 1000;
      expect(await store.get('a')).toEqual(RESULT);
      expect(store.trouble).toBeNull();
      expect(told).toEqual([expect.any(String), null]); // told once, however often it failed
    },
  );

  it('sees by itself that the shelf is well again', async () => {
    const shelf = new MoodyShelf();
    const { store, clock } = storeOver(shelf);
    shelf.mood = 'broken';
    await store.get('a');
    shelf.mood = 'well';
    await store.check();
    expect(store.trouble).toBe('broken'); // left alone still
    clock.now += 1000;
    await store.check();
    expect(store.trouble).toBeNull();
  });

  it('puts nothing into an answer that would break it', async () => {
    const shelf = new MoodyShelf();
    const { store } = storeOver(shelf);
    for (const text of ['"prediction":[1', '}', 'x', '"a":1},{"b":2']) {
      shelf.texts.set('a', text);
      expect(await store.get('a')).toBeUndefined();
    }
    expect(store.counters.unreadable).toBe(4);
  });

  it('has no more on its way than its bound', () => {
    const shelf = new MoodyShelf();
    const { store } = storeOver(shelf);
    shelf.mood = 'silent';
    const value = `"a":"${'x'.repeat(2 ** 20)}"`;
    for (let n = 0; n < 20; n++) store.set(`key ${n}`, { value });
    expect(shelf.asked).toBe(7);
    expect(store.counters.skipped).toBe(13);
  });
});

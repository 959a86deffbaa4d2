import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { OrielError } from '../../errors.js';
import { MemoryStore } from './memory-store.js';
import { PredictionCache } from './prediction-cache.service.js';

function cacheOf(): PredictionCache {
  const store = new MemoryStore(10_000);
  const keyv = new Keyv({ store, useKeyPrefix: false, serialize: undefined, deserialize: undefined });
  return new PredictionCache(createCache({ stores: [keyv] }), store);
}

function asked(result: string | Error): { ask: () => Promise<string>; times: () => number } {
  let count = 0;
  const ask = async (): Promise<string> => {
    count++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (result instanceof Error) throw result;
    return result;
  };
  return { ask, times: () => count };
}

describe('PredictionCache', () => {
  it('asks the same question once, at the same time and later', async () => {
    const cache = cacheOf();
    const { ask, times } = asked('"prediction":[1]');
    const together = await Promise.all([1, 2, 3].map(() => cache.through('a', ask)));
    expect(together.map(({ use }) => use)).toEqual(['miss', 'collapsed', 'collapsed']);
    expect(await cache.through('a', ask)).toEqual({ text: '"prediction":[1]', use: 'hit' });
    expect(times()).toBe(1);
  });

  it('keeps no failure, and gives it to all who waited', async () => {
    const cache = cacheOf();
    const broken = asked(new OrielError('invalid', 'model-failed', ''));
    const ends = await Promise.allSettled([1, 2].map(() => cache.through('a', broken.ask)));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(broken.times()).toBe(1);
    expect(await cache.through('a', asked('"a":1').ask)).toMatchObject({ use: 'miss' });
  });

  it.each(['aborted', 'deadline-exceeded'])(
    'does not let one caller that is %s fail the others',
    async (code) => {
      const cache = cacheOf();
      const first = cache.through('a', asked(new OrielError('unavailable', code, '')).ask);
      const others = [1, 2].map(() => cache.through('a', asked('"a":1').ask));
      await expect(first).rejects.toMatchObject({ code });
      expect((await Promise.all(others)).map(({ text }) => text)).toEqual(['"a":1', '"a":1']);
    },
  );
});

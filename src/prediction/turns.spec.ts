import fc from 'fast-check';
import { Turns } from './turns.js';

describe('Turns', () => {
  it('does all works in the order they came, never more at once than it lets, whichever of them fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ fails: fc.boolean(), ticks: fc.nat(3) }), { maxLength: 20 }),
        async (atOnce, works) => {
          const turns = new Turns(atOnce);
          const begun: number[] = [];
          let now = 0;
          let most = 0;
          const ends = await Promise.allSettled(
            works.map(({ fails, ticks }, index) =>
              turns.run(async () => {
                begun.push(index);
                most = Math.max(most, ++now);
                for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
                now--;
                if (fails) throw new Error('failed');
                return index;
              }),
            ),
          );
          expect(begun).toEqual(works.map((_, index) => index));
          expect(most).toBeLessThanOrEqual(atOnce);
          expect(ends.map(({ status }) => status === 'rejected')).toEqual(works.map(({ fails }) => fails));
          expect(await turns.run(() => Promise.resolve('still open'))).toBe('still open');
        },
      ),
    );
  });
});

/** A short run of what `npm run test:faults` does at length. */
import { temporaryFolder } from '../server.js';
import { crashes } from './crashes.js';

test('killed five times under load, all that was answered is on record once and the chain holds', async () => {
  const figures = await crashes(5, 16, temporaryFolder());
  expect(figures.answered).toBeGreaterThan(0);
  expect(figures.onRecord).toBeGreaterThanOrEqual(figures.answered);
  expect(figures).toMatchObject({ kills: 5, missing: 0, duplicates: 0 });
});

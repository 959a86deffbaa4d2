import { START } from './messages.js';
import { Thread, type ThreadError } from './thread.js';

/** A thread that answers a call and, in the same turn, dies of an error that nobody catches. */
const DYING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id, type }) => {
      if (type !== 'die') parentPort.postMessage({ id, body: type });
      if (type !== 'live') throw new Error('the test ends this thread');
    });
    parentPort.postMessage({ id: ${START} });
  `)}`,
);

/** Keeps the event loop for a moment, each time another, so that answer and death are found in all the ways they can meet. */
function keepBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('what a thread answered before it died is an answer, and not a death', async () => {
  const said: unknown[] = [];
  for (let n = 0; n < 120; n++) {
    const thread = await Thread.start('dying', DYING, undefined);
    const answered = new Promise((resolve) => {
      thread.send('answer', undefined, (error, body) => resolve(error?.message ?? body));
    });
    keepBusy(n / 40);
    said.push(await answered);
    await thread.gone;
  }
  expect(said).toEqual(said.map(() => 'answer'));
}, 120_000);

test('a thread that died fails what is open, tells it once, and takes nothing more', async () => {
  const thread = await Thread.start('dying', DYING, undefined);
  expect(await thread.call('live', undefined)).toBe('live');
  const deaths: ThreadError[] = [];
  thread.onDeath = (error): void => void deaths.push(error);
  const open = thread.call('die', undefined).catch((error: unknown) => error as ThreadError);
  expect(await open).toMatchObject({
    died: true,
    message: 'the dying thread is gone: the test ends this thread',
  });
  expect(thread.alive).toBe(false);
  await thread.gone;
  expect(deaths).toHaveLength(1);
  await expect(thread.call('live', undefined)).rejects.toMatchObject({ died: true });
  await thread.close();
});

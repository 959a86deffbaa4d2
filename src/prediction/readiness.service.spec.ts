import { Drain } from '../http/drain.js';
import type { JournalService } from '../journal/journal.service.js';
import type { LoaderService } from './loader.service.js';
import type { InferencePool } from './onnx/pool.js';
import { Readiness } from './readiness.service.js';

test('says what keeps models from answering: the start, a thread that is gone, the disk, the end', async () => {
  const loader = { done: false };
  const pool = { alive: true };
  const drain = new Drain();
  const disk = { writable: true };
  const journal = { check: () => Promise.resolve(disk) } as unknown as JournalService;
  const readiness = new Readiness(loader as LoaderService, pool as InferencePool, drain, journal);
  const said = async (): Promise<unknown[]> => [
    readiness.started,
    readiness.ofModels,
    await readiness.ofServer(),
  ];
  const LOADING = 'models are being loaded';
  const GONE = 'an inference thread is gone';

  expect(await said()).toEqual([false, LOADING, LOADING]);
  loader.done = true;
  expect(await said()).toEqual([true, null, null]);
  disk.writable = false;
  expect(await said()).toEqual([true, null, 'records cannot be written']);
  pool.alive = false;
  expect(await said()).toEqual([true, GONE, GONE]);
  drain.start();
  expect(await said()).toEqual([true, GONE, 'it is shutting down']);
  pool.alive = true;
  expect(await said()).toEqual([true, null, 'it is shutting down']);
});

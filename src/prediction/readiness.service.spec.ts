import { Drain } from '../http/drain.js';
import type { LoaderService } from './loader.service.js';
import type { InferencePool } from './onnx/pool.js';
import { Readiness } from './readiness.service.js';

test('says what keeps models from answering: the start, a thread that is gone, the end', () => {
  const loader = { done: false };
  const pool = { alive: true };
  const drain = new Drain();
  const readiness = new Readiness(loader as LoaderService, pool as InferencePool, drain);
  const said = (): unknown[] => [readiness.started, readiness.ofModels, readiness.ofServer];
  const LOADING = 'models are being loaded';
  const GONE = 'an inference thread is gone';

  expect(said()).toEqual([false, LOADING, LOADING]);
  loader.done = true;
  expect(said()).toEqual([true, null, null]);
  pool.alive = false;
  expect(said()).toEqual([true, GONE, GONE]);
  drain.start();
  expect(said()).toEqual([true, GONE, 'it is shutting down']);
  pool.alive = true;
  expect(said()).toEqual([true, null, 'it is shutting down']);
});

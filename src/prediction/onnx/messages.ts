import type { NamedTensor, Signature } from '../signature.js';

/**
 * The contract between the main thread and an inference thread.
 * `load` takes `LoadRequest` and answers `LoadAnswer`; `run` takes `RunRequest` and answers `RunAnswer`; `unload` takes a key;
 * `close` ends the thread. A failed load carries the code `model` and a reason a person understands.
 */
export interface LoadRequest {
  /** Names the session from now on. */
  key: string;
  path: string;
  /** What the files must still be, where they were loaded before: nothing of them is read before that is known. */
  expected?: ModelIdentity;
  /** Threads that its runs are divided among; absent where that is to be found out. */
  threads?: number;
  /** Most threads that are worth a try. */
  mostThreads: number;
  /** Most inputs and outputs, and most columns of a table, that a model may have. */
  mostColumns: number;
}

/** What a model is made of. */
export interface ModelIdentity {
  /** SHA-256 over the model file and those of its weights, as lower-case hex digits. */
  digest: string;
  /** The files that hold its weights, relative to its folder, in the order of the digest. */
  weights: readonly string[];
}

export interface LoadAnswer extends ModelIdentity {
  signature: Signature;
  /** Threads that its runs are divided among. */
  threads: number;
}

export interface RunRequest {
  key: string;
  inputs: readonly NamedTensor[];
}

export interface RunAnswer {
  outputs: readonly NamedTensor[];
  /** Milliseconds in the runtime. */
  elapsed: number;
}

/** The error code of a load of a file that is not the one it was. */
export const MODEL_CHANGED = 'model-changed';

/** The error code of a run of a model that this thread does not have. */
export const NO_SESSION = 'no-session';

/** The error code of a model that cannot be loaded; any other is a fault of ours. */
export const MODEL_FAULT = 'model';

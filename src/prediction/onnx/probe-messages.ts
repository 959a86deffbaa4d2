import type { LoadRequest, RunRequest } from './messages.js';

/**
 * The contract between a server, or a command, and a prober: a process that loads models that nobody has loaded before. It says
 * `READY` once, then answers each call in turn. `load` takes `LoadRequest` and answers `LoadAnswer`, `run` takes `RunRequest`
 * and answers `RunAnswer`, `unload` takes a key.
 */
export type ProbeCall =
  { type: 'load'; body: LoadRequest } | { type: 'run'; body: RunRequest } | { type: 'unload'; body: string };

export type ProbeReply = { body: unknown } | { error: { code: string; message: string; stack?: string } };

/** What a prober says when it can be asked. */
export const READY = 'ready';

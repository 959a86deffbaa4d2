import { parentPort } from 'node:worker_threads';
import { CLOSE, START, type ThreadRequest, type ThreadResponse } from './messages.js';

export type ThreadHandler = (body: never) => unknown;

/** An answer whose bytes are handed over instead of copied; the thread keeps nothing of them. */
export class HandedOver {
  constructor(readonly bytes: Uint8Array<ArrayBuffer>) {}
}

/**
 * Makes this worker thread answer the main thread's calls, each by the handler of its type. `start` opens what the
 * handlers need; its failure is the failure of the thread's start.
 */
export function serve(start: () => Promise<Readonly<Record<string, ThreadHandler>>>): void {
  const port = parentPort;
  if (!port) throw new Error('this file is the entry of a worker thread');
  const reply = (id: number, body: unknown): void => {
    if (body instanceof HandedOver) port.postMessage({ id, body: body.bytes }, [body.bytes.buffer]);
    else port.postMessage({ id, body } satisfies ThreadResponse);
  };
  const fail = (id: number, error: unknown): void =>
    port.postMessage({ id, error: describe(error) } satisfies ThreadResponse);

  /** What was asked before `close` is answered before it. */
  const open = new Set<Promise<unknown>>();

  start().then(
    (handlers) => {
      const answer = ({ id, type, body }: ThreadRequest): void => {
        try {
          const result = (handlers[type] as (body: unknown) => unknown)(body);
          if (!(result instanceof Promise)) return reply(id, result);
          const answered = result
            .then(
              (value) => reply(id, value),
              (error: unknown) => fail(id, error),
            )
            .finally(() => open.delete(answered));
          open.add(answered);
        } catch (error) {
          fail(id, error);
        }
      };
      port.on('message', (request: ThreadRequest) => {
        if (request.type !== CLOSE || open.size === 0) answer(request);
        else void Promise.allSettled(open).then(() => answer(request));
      });
      reply(START, undefined);
    },
    (error: unknown) => {
      fail(START, error);
      port.close();
    },
  );
}

function describe(error: unknown): { code: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { code: 'error', message: String(error) };
  const code = (error as { code?: unknown }).code;
  return { code: typeof code === 'string' ? code : 'error', message: error.message, stack: error.stack };
}

/** Lets this thread end once its last answer is out. */
export function leave(): void {
  setImmediate(() => parentPort?.close());
}

/** What the main thread sends to a worker thread. */
export interface ThreadRequest {
  id: number;
  type: string;
  body: unknown;
}

/** What a worker thread answers; `error.code` is for programs, `error.message` for the log. */
export type ThreadResponse =
  { id: number; body: unknown } | { id: number; error: { code: string; message: string; stack?: string } };

/** The call that ends a thread from inside. */
export const CLOSE = 'close';

/** The id of the answer to a worker's own start. */
export const START = 0;

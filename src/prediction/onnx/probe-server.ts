import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { LoadAnswer, RunAnswer } from './messages.js';
import { ModelError } from './model-error.js';
import { READY, type ProbeCall, type ProbeReply } from './probe-messages.js';
import { Sessions } from './sessions.js';

/** Most characters that a model may say of itself: names, labels, metadata. */
const MAX_SIGNATURE = 8 * 2 ** 20;
/** Most bytes of an answer to an example. */
const MAX_ANSWER = 64 * 2 ** 20;

/** Ends the process when the one that started it is gone, also while the runtime holds the main thread. */
const WATCH = `const parent = process.ppid; setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, 500);`;

/** Answers the calls of the process that started this one, one after the other, until that process lets go. */
export function serveProbes(): void {
  goFirst();
  new Worker(WATCH, { eval: true }).unref();
  const sessions = new Sessions();
  const reply = (answer: ProbeReply): void => void process.send?.(answer);
  let working = Promise.resolve();
  process.on('message', (call: ProbeCall) => {
    working = working.then(() =>
      answerOf(sessions, call).then(
        (body) => reply({ body }),
        (error: unknown) => reply({ error: describe(error) }),
      ),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(READY);
}

async function answerOf(sessions: Sessions, { type, body }: ProbeCall): Promise<unknown> {
  switch (type) {
    case 'load':
      return bounded(await sessions.load(body));
    case 'run':
      return small(await sessions.run(body));
    case 'unload':
      return sessions.unload(body);
  }
}

function bounded(answer: LoadAnswer): LoadAnswer {
  if (JSON.stringify(answer.signature).length > MAX_SIGNATURE)
    throw new ModelError('The names, labels and metadata of the model are longer than 8 MiB.');
  return answer;
}

function small(answer: RunAnswer): RunAnswer {
  const size = answer.outputs.reduce(
    (sum, { data }) => sum + (Array.isArray(data) ? data.length * 8 : data.byteLength),
    0,
  );
  if (size > MAX_ANSWER) throw new ModelError('The answer to the example is larger than 64 MiB.');
  return answer;
}

function describe(error: unknown): { code: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { code: 'error', message: String(error) };
  const code = (error as { code?: unknown }).code;
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return {
    code: typeof code === 'string' ? code : 'error',
    message: error.message,
    stack: `${error.stack ?? ''}${cause}`,
  };
}

/** Where memory runs out, Linux ends this process rather than the server. */
function goFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // No such file, or not ours to write: whoever started this process watches its memory, too.
  }
}

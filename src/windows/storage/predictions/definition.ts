import type { StreamDefinition } from '../../engine/definition.js';
import { checkedDefinition, type StreamCore } from '../core.js';
import type { Json } from '../../engine/messages.js';

/** The name of the built-in stream. */
export const PREDICTIONS = 'predictions';

/**
 * The built-in stream: an event for each record of a prediction. Its time is when the request came, or what `Event-Time` says. Records
 * are written when answers leave, so requests that took longer come later than those that came after them: hence the bound. The clock
 * moves by arrivals and by nothing that callers say is yet to come.
 * - `count`: requests in the minute; over 60 it is the throughput a second. `errors`: those of them whose status is 400 or above.
 * - `latency…`: milliseconds, from arrival to answer. `prediction`: the mean of the first number of answers to one row.
 * - `costPerMillion`: of a million predictions, in the currency of `ORIEL_CPU_PRICE`: the mean of CPU seconds a prediction × price a second × 10^6.
 */
export const PREDICTIONS_DEFINITION: Json = {
  key: ['model', 'version'],
  eventTime: 'time',
  watermark: { type: 'bounded', bound: '5s', futureLimit: '1s' },
  lateness: '5m',
  windows: {
    minute: {
      type: 'tumbling',
      size: '1m',
      aggregates: {
        count: { op: 'count' },
        errors: { op: 'sum', field: 'error' },
        latencyP50: { op: 'quantile', field: 'latency', q: 0.5 },
        latencyP90: { op: 'quantile', field: 'latency', q: 0.9 },
        latencyP99: { op: 'quantile', field: 'latency', q: 0.99 },
        prediction: { op: 'mean', field: 'prediction' },
        costPerMillion: { op: 'mean', field: 'cost' },
      },
    },
  },
  retention: { events: '7d', windows: '400d' },
};

/** Whether a definition of the built-in stream leaves it as it is, but for its alarm, what is kept how long, and more windows. */
export function keepsBuiltIn(definition: StreamDefinition, core: StreamCore): boolean {
  const builtIn = checkedDefinition(core, PREDICTIONS_DEFINITION);
  const free = { alarm: null, retention: null, windows: null };
  if (JSON.stringify({ ...builtIn, ...free }) !== JSON.stringify({ ...definition, ...free })) return false;
  return Object.entries(builtIn.windows).every(
    ([name, window]) =>
      Object.hasOwn(definition.windows, name) &&
      JSON.stringify(definition.windows[name]) === JSON.stringify(window),
  );
}

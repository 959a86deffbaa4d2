import { OrielError } from '../../../errors.js';
import { inputMember } from '../body.js';
import type { Tongue } from '../interpreter.js';
import { isObject } from '../json.js';
import { RowCollector } from '../row-collector.js';
import { writeOutputs, writePredictions } from './answer.js';
import { addColumns } from './columns.js';
import { addInstances } from './instances.js';

/** The one signature that a model has here; `metadata` names it. */
export const SIGNATURE_NAME = 'serving_default';

/** Reads the body of TF Serving's (and KServe V1's) `:predict`: `instances` (rows) or `inputs` (columns). */
export function predictTongue(body: unknown): Tongue {
  return (layout, encoder) => {
    checkSignatureName(body);
    const rows = new RowCollector(encoder);
    const input = inputMember(body, ['instances', 'inputs'], ['signature_name'], rows);
    if (input?.form === 'inputs') {
      addColumns(input.value, input.pointer, layout, rows);
      return { rows: rows.done(), write: (result) => writeOutputs(result, layout.whole) };
    }
    if (input) addInstances(input.value, input.pointer, layout, rows);
    return { rows: rows.done(), write: writePredictions };
  };
}

/** An absent, null or empty name means the default signature, as in TF Serving. @throws OrielError `unknown-signature` */
function checkSignatureName(body: unknown): void {
  const name = isObject(body) ? body.signature_name : undefined;
  if (name === undefined || name === null || name === '' || name === SIGNATURE_NAME) return;
  throw new OrielError(
    'badParameter',
    'unknown-signature',
    typeof name === 'string'
      ? `This model has no signature ${JSON.stringify(name.slice(0, 100))}, only "${SIGNATURE_NAME}".`
      : 'The name of the signature must be a string.',
    { faults: [{ pointer: '/signature_name', detail: `must be "${SIGNATURE_NAME}"` }] },
  );
}

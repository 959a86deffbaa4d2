import { OrielError, type Fault } from '../../errors.js';
import { isStreamName, NAME_FORM } from '../definition/names.js';
import { readDefinition } from '../definition/read.js';
import { viewDefinition } from '../definition/view.js';
import type { Json } from '../engine/messages.js';

/**
 * Reads the body of a `PUT` of a stream: its definition, which may have the name that it is put under, as answers have.
 * @returns the definition as the API shows it
 * @throws OrielError `invalid-definition` with all that is wrong
 */
export function readStreamBody(name: string, body: unknown): Json {
  const faults: Fault[] = isStreamName(name) ? [] : [{ pointer: '/name', detail: NAME_FORM }];
  const read = readDefinition(withoutName(name, body, faults));
  if ('faults' in read) faults.push(...read.faults);
  if ('definition' in read && faults.length === 0) return viewDefinition(read.definition);
  throw new OrielError('invalid', 'invalid-definition', 'This is no definition of a stream.', { faults });
}

function withoutName(name: string, body: unknown, faults: Fault[]): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !('name' in body)) return body;
  const { name: given, ...definition } = body;
  if (given !== name) faults.push({ pointer: '/name', detail: 'must be the name in the address, or absent' });
  return definition;
}

/** A change that would alter results: `pointers` lead to it. */
export function alteringChange(pointers: readonly string[]): OrielError {
  return new OrielError(
    'conflict',
    'altering-change',
    'The change would alter results of events that came before it: put it with ?restart=true to begin anew, without them.',
    { faults: pointers.map((pointer) => ({ pointer, detail: 'would alter results' })) },
  );
}

export function reservedStream(): OrielError {
  return new OrielError(
    'conflict',
    'reserved-stream',
    'This stream is built in: it takes no events but predictions, and no change but other windows, alarm and retention.',
  );
}

import { pointerToken } from '../../errors.js';
import type { AggregateDefinition, AggregateOp } from '../engine/definition.js';
import { MAX_AGGREGATES } from './bounds.js';
import { fieldFault } from './field.js';
import { isObject, Members, oneOf, readNamed, share, type FaultList, type Read } from './members.js';
import { isName, NAME_FORM } from './names.js';

export const AGGREGATE_OPS: readonly AggregateOp[] = [
  'count',
  'sum',
  'mean',
  'min',
  'max',
  'variance',
  'stddev',
  'first',
  'last',
  'distinct',
  'quantile',
  'collect',
];

/** A field: a member name or a JSON pointer. */
export const field: Read<string> = (value, pointer, faults) => {
  const fault = fieldFault(value);
  return fault === null ? (value as string) : faults.add(pointer, fault);
};

/** What a window has that names none: its events are counted all the same. */
export const NO_AGGREGATES: Readonly<Record<string, AggregateDefinition>> = readNamed<AggregateDefinition>(
  [],
  () => null,
);

/** Aggregates by their names. */
export const aggregates: Read<Readonly<Record<string, AggregateDefinition>>> = (value, pointer, faults) => {
  if (!isObject(value)) return faults.add(pointer, 'must be an object of aggregates by their names');
  const members = Object.entries(value);
  if (members.length > MAX_AGGREGATES)
    return faults.add(pointer, `must have at most ${MAX_AGGREGATES} aggregates`);
  return readNamed(members, (one, name) => {
    const at = pointer + pointerToken(name);
    if (!isName(name)) faults.add(at, `has a name that cannot be taken: it ${NAME_FORM}`);
    return readAggregate(one, at, faults);
  });
};

function readAggregate(value: unknown, pointer: string, faults: FaultList): AggregateDefinition | null {
  const members = Members.of(value, pointer, faults);
  if (!members) return null;
  const op = members.required('op', oneOf(AGGREGATE_OPS));
  const mayCountAll = op === 'count' || op === null;
  const of = mayCountAll ? members.nullable('field', field, null) : members.required('field', field);
  const q = op === 'quantile' ? members.required('q', share) : members.nullable('q', noQ(op), null);
  members.refuseOthers('an aggregate');
  return op && { op, field: of, q };
}

/** Whether `q` is wrong where the operator is, nobody can say. */
function noQ(op: AggregateOp | null): Read<null> {
  return (_value, pointer, faults) => op && faults.add(pointer, `is only for quantile, not for ${op}`);
}

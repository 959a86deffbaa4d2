import { MAX_FAULTS, OrielError, pointerToken, type Fault } from '../../errors.js';
import { parseTime } from '../../units.js';
import type { OutcomeTuple } from './outcome.js';

const MEMBERS: ReadonlySet<string> = new Set(['prediction', 'value', 'item', 'time']);
const NOT_A_TIME = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';

/** An outcome of a body, or what is wrong with what it says. */
export type ToldOutcome = OutcomeTuple | { faults: readonly Fault[] };

/**
 * Reads the body of `POST /v1/outcomes`: one outcome or an array of them.
 * @throws OrielError `too-many-outcomes`; `invalid-outcomes` where something is no outcome by its form, with all such faults
 */
export function readOutcomes(body: unknown, most: number): ToldOutcome[] {
  if (!Array.isArray(body)) return checked([body], () => '');
  if (body.length > most)
    throw new OrielError(
      'tooLarge',
      'too-many-outcomes',
      `The body has ${body.length} outcomes; at most ${most} (ORIEL_OUTCOMES) are taken at once.`,
    );
  return checked(body, pointerToken);
}

function checked(outcomes: readonly unknown[], pointerOf: (index: number) => string): ToldOutcome[] {
  const faults = outcomes.flatMap((outcome, index) => misformed(outcome, pointerOf(index)));
  if (faults.length > 0)
    throw new OrielError('invalid', 'invalid-outcomes', 'The body is not of outcomes.', {
      faults: faults.slice(0, MAX_FAULTS),
    });
  return (outcomes as readonly Form[]).map(toTuple);
}

interface Form {
  prediction: string;
  value: unknown;
  item?: number;
  time?: unknown;
}

function misformed(outcome: unknown, pointer: string): Fault[] {
  if (typeof outcome !== 'object' || outcome === null || Array.isArray(outcome))
    return [{ pointer, detail: 'must be an object with "prediction" and "value"' }];
  const faults: Fault[] = Object.keys(outcome)
    .filter((name) => !MEMBERS.has(name))
    .map((name) => ({ pointer: pointer + pointerToken(name), detail: 'is not a member of an outcome' }));
  const { prediction, value, item } = outcome as Record<string, unknown>;
  if (typeof prediction !== 'string')
    faults.push({ pointer: `${pointer}/prediction`, detail: 'must be the id of a prediction, a string' });
  if (value === undefined) faults.push({ pointer: `${pointer}/value`, detail: 'is missing' });
  if (item !== undefined && !(Number.isSafeInteger(item) && (item as number) >= 0))
    faults.push({ pointer: `${pointer}/item`, detail: 'must be a whole number from 0' });
  return faults;
}

function toTuple({ prediction, value, item, time }: Form): ToldOutcome {
  if (time === undefined) return [prediction, value, item ?? null, null];
  const at = typeof time === 'string' || typeof time === 'number' ? parseTime(time) : undefined;
  if (at === undefined) return { faults: [{ pointer: '/time', detail: NOT_A_TIME }] };
  return [prediction, value, item ?? null, at];
}

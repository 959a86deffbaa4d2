import { OrielError, pointerToken, type Fault } from '../../errors.js';
import { parseTime } from '../../units.js';
import type { OutcomeTuple } from './outcome.js';

const MEMBERS: ReadonlySet<string> = new Set(['prediction', 'value', 'item', 'time']);
const NOT_A_TIME: Fault = {
  pointer: '/time',
  detail: 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds',
};

/** An outcome of a body, or what is wrong with what it says. */
export type ToldOutcome = OutcomeTuple | { faults: readonly Fault[] };

/** Most faults that are named of one outcome. */
const FAULTS = 10;

/**
 * Reads the body of `POST /v1/outcomes`: one outcome or an array of them. What is no outcome by its form does not keep the others
 * of its array from being taken.
 * @throws OrielError `too-many-outcomes`; `invalid-outcomes` where the body itself is neither, with all that is wrong
 */
export function readOutcomes(body: unknown, most: number): ToldOutcome[] {
  if (!Array.isArray(body)) return [only(body)];
  if (body.length > most)
    throw new OrielError(
      'tooLarge',
      'too-many-outcomes',
      `The body has ${body.length} outcomes; at most ${most} (ORIEL_OUTCOMES) are taken at once.`,
    );
  return body.map(readOutcome);
}

function only(body: unknown): ToldOutcome {
  const outcome = readOutcome(body);
  if ('faults' in outcome)
    throw new OrielError('invalid', 'invalid-outcomes', 'The body is no outcome.', {
      faults: outcome.faults,
    });
  return outcome;
}

interface Form {
  prediction?: unknown;
  value?: unknown;
  item?: unknown;
  time?: unknown;
}

function readOutcome(outcome: unknown): ToldOutcome {
  if (typeof outcome !== 'object' || outcome === null || Array.isArray(outcome))
    return { faults: [{ pointer: '', detail: 'must be an object with "prediction" and "value"' }] };
  const { prediction, value, item, time } = outcome as Form;
  const at = timeOf(time);
  const faults = [...misformed(outcome), ...(at === undefined ? [NOT_A_TIME] : [])];
  return faults.length > 0 || at === undefined
    ? { faults: faults.slice(0, FAULTS) }
    : [prediction as string, value, (item as number | undefined) ?? null, at];
}

function misformed(outcome: Form): Fault[] {
  const faults: Fault[] = Object.keys(outcome)
    .filter((name) => !MEMBERS.has(name))
    .map((name) => ({ pointer: pointerToken(name), detail: 'is not a member of an outcome' }));
  const { prediction, value, item } = outcome;
  if (typeof prediction !== 'string')
    faults.push({ pointer: '/prediction', detail: 'must be the id of a prediction, a string' });
  if (value === undefined) faults.push({ pointer: '/value', detail: 'is missing' });
  if (item !== undefined && !(Number.isSafeInteger(item) && (item as number) >= 0))
    faults.push({ pointer: '/item', detail: 'must be a whole number from 0' });
  return faults;
}

/** Epoch milliseconds; null where none is told, undefined for what is no time. */
function timeOf(time: unknown): number | null | undefined {
  if (time === undefined) return null;
  return typeof time === 'string' || typeof time === 'number' ? parseTime(time) : undefined;
}

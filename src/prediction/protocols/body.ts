import { pointerToken } from '../../errors.js';
import { isObject, type JsonObject } from './json.js';
import type { RowCollector } from './row-collector.js';

/** Members that clients send for models with parameters: none of ours has any, so they must be empty. */
const PARAMETERS = new Set(['params', 'parameters']);

/** The member of a body that holds the input. */
export interface InputMember {
  form: string;
  value: unknown;
  /** Its JSON pointer. */
  pointer: string;
  body: JsonObject;
}

/**
 * Finds the input in a body that has exactly one of several forms of it.
 * @param others further members that the body may have
 * @returns undefined when there is no telling; what is wrong is reported then
 */
export function inputMember(
  body: unknown,
  forms: readonly string[],
  others: readonly string[],
  rows: RowCollector,
): InputMember | undefined {
  if (!isObject(body)) {
    rows.report('', `must be an object with ${listed(forms)}`);
    return undefined;
  }
  const given = forms.filter((form) => Object.hasOwn(body, form));
  const [form, ...more] = given;
  for (const extra of more) rows.report(pointerToken(extra), `cannot be given beside ${form}`);
  for (const name of Object.keys(body)) {
    if (forms.includes(name) || others.includes(name)) continue;
    const pointer = pointerToken(name);
    if (!PARAMETERS.has(name)) rows.report(pointer, 'is not a known member');
    else refuseParameters(body[name], pointer, rows);
  }
  if (form === undefined) {
    rows.report('', `must have ${listed(forms)}`);
    return undefined;
  }
  return more.length > 0 ? undefined : { form, value: body[form], pointer: pointerToken(form), body };
}

function refuseParameters(value: unknown, pointer: string, rows: RowCollector): void {
  if (value === null) return;
  if (!isObject(value)) return rows.report(pointer, 'must be an object');
  for (const name of Object.keys(value)) {
    rows.report(pointer + pointerToken(name), 'is not a parameter of this model, which has none');
  }
}

function listed(forms: readonly string[]): string {
  return `exactly one of ${forms.join(', ')}`;
}

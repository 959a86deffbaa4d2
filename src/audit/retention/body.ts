import { OrielError, pointerToken, type Fault } from '../../errors.js';
import { parseTime } from '../../units.js';
import { isUuid } from '../id.js';
import { OUTCOMES } from '../record.js';
import { MAX_RECORDS, type ErasureRequest, type HoldFilter } from './messages.js';

/** Most characters of a reason, and of a text that a hold or an erasure asks for. */
export const MAX_REASON = 500;
export const MAX_TEXT = 512;

type Members = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => { value: unknown } | string;

const text: Check = (value) =>
  typeof value === 'string' && value.length <= MAX_TEXT
    ? { value }
    : `must be a text of at most ${MAX_TEXT} characters`;
/** Not the empty one: that is nobody, and all records of who did not say who they are would go. */
const principal: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= MAX_TEXT
    ? { value }
    : `must be a text of 1 to ${MAX_TEXT} characters`;
const uuid: Check = (value) =>
  typeof value === 'string' && isUuid(value) ? { value: value.toLowerCase() } : 'must be the id of a record';
const time: Check = (value) => {
  const ms = typeof value === 'string' || typeof value === 'number' ? parseTime(value) : undefined;
  return ms === undefined
    ? 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds'
    : { value: ms };
};
const flag: Check = (value) => (typeof value === 'boolean' ? { value } : 'must be true or false');
const reason: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_REASON
    ? { value }
    : `must say why, in at most ${MAX_REASON} characters`;
const outcome: Check = (value) =>
  OUTCOMES.some((known) => known === value) ? { value } : `must be one of ${OUTCOMES.join(', ')}`;

const FILTER: Readonly<Record<keyof HoldFilter, Check>> = {
  id: uuid,
  model: text,
  version: text,
  principal: text,
  route: text,
  outcome,
  clientRequestId: text,
  from: time,
  to: time,
};

/** Reads what a hold is asked with. @throws OrielError `invalid-hold` (422) that names all that is wrong */
export function readHold(body: unknown): { reason: string; filter: HoldFilter } {
  const faults: Fault[] = [];
  const members = read(body, '', { reason, filter: (value) => ({ value }) }, faults);
  if (members.reason === undefined && !isNamed(faults, '/reason')) faults.push(missing('/reason'));
  const filter = read(members.filter ?? {}, '/filter', FILTER, faults);
  if (faults.length === 0 && Object.keys(filter).length === 0)
    faults.push({
      pointer: '/filter',
      detail: `must have at least one of ${Object.keys(FILTER).join(', ')}`,
    });
  refuse('invalid-hold', 'The hold', faults);
  return { reason: members.reason as string, filter: filter };
}

/** Reads what is to be erased. @throws OrielError `invalid-erasure` (422) that names all that is wrong */
export function readErasure(body: unknown): Omit<ErasureRequest, 'id'> {
  const faults: Fault[] = [];
  const checks = { principal, record: uuid, records, reason, payloadsOnly: flag };
  const members = read(body, '', checks, faults);
  const named = ['principal', 'record', 'records'].filter((name) => name in Object(body));
  if (faults.length === 0 && named.length !== 1)
    faults.push({ pointer: '', detail: 'must have one of principal, record and records' });
  refuse('invalid-erasure', 'The erasure', faults);
  const ids = members.record === undefined ? members.records : [members.record];
  return {
    ...(ids === undefined
      ? { principal: members.principal as string }
      : { records: [...new Set(ids as string[])] }),
    payloadsOnly: members.payloadsOnly === true,
    reason: (members.reason as string | undefined) ?? null,
  };
}

const records: Check = (value) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_RECORDS)
    return `must be an array of 1 to ${MAX_RECORDS} ids`;
  const ids = (value as unknown[]).map(uuid);
  const wrong = ids.findIndex((id) => typeof id === 'string');
  return wrong >= 0
    ? `has at ${wrong} what is not the id of a record`
    : { value: ids.map((id) => (id as { value: unknown }).value) };
};

function read(
  body: unknown,
  pointer: string,
  checks: Readonly<Record<string, Check>>,
  faults: Fault[],
): Members {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    faults.push({ pointer, detail: 'must be an object' });
    return {};
  }
  const found: [string, unknown][] = [];
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const answer = check ? check(value) : `is unknown; there is ${Object.keys(checks).join(', ')}`;
    if (typeof answer === 'string') faults.push({ pointer: pointer + pointerToken(name), detail: answer });
    else found.push([name, answer.value]);
  }
  return Object.fromEntries(found);
}

function isNamed(faults: readonly Fault[], pointer: string): boolean {
  return faults.some((fault) => fault.pointer === pointer);
}

function missing(pointer: string): Fault {
  return { pointer, detail: 'is missing' };
}

function refuse(code: string, what: string, faults: readonly Fault[]): void {
  if (faults.length > 0)
    throw new OrielError('invalid', code, `${what} cannot be taken as it stands.`, { faults });
}

import { pointerToken, type Fault } from '../../errors.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** The attributes that every event has (CloudEvents 1.0.2, "Required Attributes"), and what the API does not take other versions of. */
const REQUIRED = ['id', 'source', 'type'] as const;
const VERSION = '1.0';
const NOTHING: JsonObject = {};

/**
 * Checks a CloudEvent in JSON (CloudEvents JSON format 1.0.2) and finds its data, also where it is in base64. An attribute that is null is
 * one that is not there.
 * @returns the data, empty where there is none, or it is neither object nor array
 */
export function readCloudEvent(event: JsonObject, faults: Fault[]): JsonObject {
  if (event.specversion !== VERSION)
    faults.push({
      pointer: '/specversion',
      detail: isAbsent(event.specversion) ? 'is missing' : `must be "${VERSION}"`,
    });
  for (const name of REQUIRED) {
    const value = event[name];
    if (isAbsent(value)) faults.push({ pointer: pointerToken(name), detail: 'is missing' });
    else if (typeof value !== 'string' || value === '')
      faults.push({ pointer: pointerToken(name), detail: 'must be a text that is not empty' });
  }
  const data = isAbsent(event.data_base64) ? event.data : decoded(event, faults);
  return typeof data === 'object' && data !== null ? (data as JsonObject) : NOTHING;
}

/** Whether a media type is JSON (`application/json`, `…+json`); data without a type is. */
export function isJsonType(type: unknown): boolean {
  return (
    isAbsent(type) ||
    (typeof type === 'string' &&
      /^[^/\s]+\/([^;\s]+\+)?json$/i.test((type.split(';', 1)[0] as string).trim()))
  );
}

function decoded(event: JsonObject, faults: Fault[]): unknown {
  const pointer = '/data_base64';
  if (!isAbsent(event.data)) faults.push({ pointer, detail: 'cannot be beside data' });
  if (!isJsonType(event.datacontenttype)) return undefined; // nothing that fields could be in
  try {
    if (typeof event.data_base64 !== 'string') throw new TypeError('not a text');
    const bytes = Uint8Array.from(atob(event.data_base64), (byte) => byte.charCodeAt(0));
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    faults.push({ pointer, detail: 'must be base64 of the JSON that datacontenttype announces' });
    return undefined;
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

import { pointerToken, type Fault } from '../../errors.js';
import { isJsonType } from './cloudevents.js';
import { oneLine } from './json-text.js';

/** Header values by their names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const PREFIX = 'ce-';
/** Headers of which one is enough to say that a request is a CloudEvent; what is missing of the others is then a fault. */
const TELLING = ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'];

/** Whether a request is a CloudEvent in binary mode, by its headers (CloudEvents HTTP binding 1.0.2, section 3). */
export function isBinaryMode(headers: Headers): boolean {
  return TELLING.some((name) => headers[name] !== undefined);
}

/**
 * Writes a CloudEvent in binary mode as one in structured mode.
 * @param type the content type of the body; empty: it has none
 * @param body JSON where the type is JSON, else any text
 * @returns its JSON text in one line, or the headers that cannot be read
 */
export function structured(
  headers: Headers,
  type: string,
  body: string,
): { line: string } | { faults: Fault[] } {
  const faults: Fault[] = [];
  const attributes: [string, string][] = [];
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX) || value === undefined) continue;
    const name = header.slice(PREFIX.length);
    const read = attributeValue(typeof value === 'string' ? value : value.join(', '));
    const detail = faultOf(name, read);
    if (detail !== null) faults.push({ pointer: pointerToken(name), detail });
    else attributes.push([name, read as string]);
  }
  if (faults.length > 0) return { faults };
  if (type !== '') attributes.push(['datacontenttype', type]);
  const event = JSON.stringify(Object.fromEntries(attributes));
  if (body.trim() === '') return { line: event };
  const data = isJsonType(type || null) ? oneLine(body) : JSON.stringify(body);
  return { line: `${event.slice(0, -1)},"data":${data}}` };
}

function faultOf(name: string, value: string | undefined): string | null {
  if (!/^[a-z0-9]+$/.test(name) || name === 'data' || name === 'datacontenttype')
    return 'cannot be an attribute in a header of its own';
  return value === undefined ? 'must be percent-encoded UTF-8' : null;
}

/** The value that a header stands for (HTTP binding, section 3.1.3.2): quotes taken off, then decoded once. */
function attributeValue(header: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(header.trim())?.[1];
  try {
    return decodeURIComponent(quoted === undefined ? header.trim() : quoted.replaceAll(/\\(.)/g, '$1'));
  } catch {
    return undefined;
  }
}

import { OrielError, type Fault } from '../../errors.js';
import { isNestedDeeper } from '../../json-depth.js';
import { isBinaryMode, structured, type Headers } from './binary-mode.js';
import { isJsonType } from './cloudevents.js';
import { elementTexts, oneLine } from './json-text.js';
import type { EventForm, EventReader, ReadEvent, ReadMark } from './reader.js';
import { MAX_DEPTH } from './values.js';

/** The kinds of body that bring events, beside CloudEvents in binary mode, whose body may be any JSON or text. */
export const EVENT_TYPES = [
  'application/json',
  'application/x-ndjson',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
] as const;

export interface EventBody {
  /** The header `Content-Type`, also with parameters; undefined where there is none. */
  contentType: string | undefined;
  text: string;
  headers: Headers;
}

/** Deepest nesting of a body that is parsed at all; of its elements, see `MAX_DEPTH`. */
const WHOLE_DEPTH = 1000;

/** Bounds on a request; the caller's. */
export interface BodyBounds {
  /** Most elements. More of them are refused as a whole. */
  elements: number;
  /** Most characters of the text of one element. Longer ones are rejected by their index. */
  characters: number;
}

export interface DecodedBody {
  form: EventForm;
  elements: DecodedElement[];
}

/** An event or mark of a request, by its index in it from 0 (blank lines do not count). */
export type DecodedElement =
  /** `line`: its JSON text without a line end, as it was sent, from which it can be read again. */
  { index: number; line: string; read: ReadEvent | ReadMark } | { index: number; errors: Fault[] };

/**
 * Reads the events and marks of a request: JSON (one, or an array), NDJSON, CloudEvents in structured, batched and binary mode. What is
 * wrong with one element is said by its index; only what leaves no elements to tell apart refuses the request.
 * @param received epoch milliseconds
 * @throws OrielError `empty-body`, `malformed-json`, `invalid-events`, `too-many-events`, `unsupported-media-type`
 */
export function decodeBody(
  body: EventBody,
  reader: EventReader,
  received: number,
  bounds: BodyBounds,
): DecodedBody {
  const type = mediaType(body.contentType);
  const form =
    type.startsWith('application/cloudevents') || isBinaryMode(body.headers) ? 'cloudevents' : 'json';
  const pieces = split(type, body, bounds);
  const elements = pieces.map((piece, index): DecodedElement => {
    if ('faults' in piece) return { index, errors: piece.faults };
    const read = reader.read(piece.value, form, received);
    return 'faults' in read ? { index, errors: read.faults } : { index, line: piece.line, read };
  });
  return { form, elements };
}

/** The text of an element and what it means, or why it means nothing. */
type Piece = { line: string; value: unknown } | { faults: Fault[] };

function split(type: string, body: EventBody, bounds: BodyBounds): Piece[] {
  const { text, headers } = body;
  if (type.startsWith('application/cloudevents'))
    switch (type) {
      case 'application/cloudevents+json':
        return [theObject(text, bounds)];
      case 'application/cloudevents-batch+json':
        return theArray(text, bounds);
      default:
        throw unsupported();
    }
  if (isBinaryMode(headers)) return [binary(type, body, bounds)];
  if (type === 'application/x-ndjson') return lines(text, bounds);
  if (type !== 'application/json') throw unsupported();
  const value = parseWhole(text);
  return Array.isArray(value) ? members(text, value, bounds) : [piece(oneLine(text), value, bounds)];
}

function lines(text: string, bounds: BodyBounds): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < text.length;) {
    const at = text.indexOf('\n', from);
    const end = at < 0 ? text.length : at;
    const line = text.slice(from, end).trim(); // also of a byte order mark
    from = end + 1;
    if (line === '') continue;
    if (pieces.length === bounds.elements) throw tooMany(bounds);
    pieces.push(parsed(line, bounds));
  }
  return pieces;
}

function parsed(line: string, bounds: BodyBounds): Piece {
  if (line.length > bounds.characters) return piece(line, undefined, bounds); // which nobody needs to parse
  if (isNestedDeeper(line, MAX_DEPTH)) return wrong(`is nested more than ${MAX_DEPTH} deep`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return wrong(`is ${notJson(error)}`);
  }
  // A carriage return inside of a line is white space to JSON, but ends a line for some readers.
  return piece(oneLine(line), value, bounds);
}

function members(text: string, values: readonly unknown[], bounds: BodyBounds): Piece[] {
  if (values.length > bounds.elements) throw tooMany(bounds);
  const texts = elementTexts(text);
  return values.map((value, index) => piece(texts[index] as string, value, bounds));
}

function theObject(text: string, bounds: BodyBounds): Piece {
  const value = parseWhole(text);
  if (Array.isArray(value))
    throw invalid('must be one CloudEvent; several are sent as application/cloudevents-batch+json');
  return piece(oneLine(text), value, bounds);
}

function theArray(text: string, bounds: BodyBounds): Piece[] {
  const value = parseWhole(text);
  if (!Array.isArray(value)) throw invalid('must be an array of CloudEvents');
  return members(text, value, bounds);
}

function binary(type: string, { text, headers, contentType }: EventBody, bounds: BodyBounds): Piece {
  const isJson = isJsonType(type || null);
  if (!isJson && !type.startsWith('text/')) throw unsupported();
  if (isJson && text.trim() !== '') parseWhole(text);
  const read = structured(headers, contentType ?? '', text);
  return 'faults' in read ? read : piece(read.line, JSON.parse(read.line), bounds);
}

function piece(line: string, value: unknown, { characters }: BodyBounds): Piece {
  if (line.length > characters) return wrong(`must have at most ${characters} characters`);
  return isNestedDeeper(line, MAX_DEPTH) ? wrong(`is nested more than ${MAX_DEPTH} deep`) : { line, value };
}

function wrong(detail: string): Piece {
  return { faults: [{ pointer: '', detail }] };
}

/** @throws OrielError `empty-body`, `json-too-deep`, `malformed-json` */
function parseWhole(text: string): unknown {
  if (text.trim() === '')
    throw new OrielError('malformed', 'empty-body', 'The body is empty; it must be JSON.');
  if (isNestedDeeper(text, WHOLE_DEPTH))
    throw new OrielError('malformed', 'json-too-deep', `The body is nested more than ${WHOLE_DEPTH} deep.`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new OrielError('malformed', 'malformed-json', `The body is ${notJson(error)}.`);
  }
}

/** What is wrong with a text that is not JSON, and where, if the runtime says it: its own words are not for callers. */
function notJson(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `not valid JSON: see character ${position}`;
  return /end of JSON/.test(message) ? 'not valid JSON: it ends too early' : 'not valid JSON';
}

function mediaType(contentType = ''): string {
  return (contentType.split(';', 1)[0] as string).trim().toLowerCase();
}

function invalid(detail: string): OrielError {
  return new OrielError('invalid', 'invalid-events', 'The body is not of events.', {
    faults: [{ pointer: '', detail }],
  });
}

function tooMany({ elements }: BodyBounds): OrielError {
  return new OrielError(
    'tooLarge',
    'too-many-events',
    `The body has more than ${elements} events and marks; send them in several requests.`,
  );
}

function unsupported(): OrielError {
  const detail = `The header "Content-Type" must name one of the kinds of body that are taken here: ${EVENT_TYPES.join(', ')}.`;
  return new OrielError('unsupportedMediaType', 'unsupported-media-type', detail, { accept: EVENT_TYPES });
}

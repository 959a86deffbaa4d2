import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BrokenRequest } from '../http/answer-gate.js';
import { openContext, traceIdOf, type RequestContext } from '../http/request-context.js';
import { idAt } from './id.js';
import type { PredictionCost } from './cpu-meter.js';
import type { Loss } from './loss-ledger.js';
import type { Keeping } from './policy/policy.js';
import { cut, named } from './payload-text.js';
import { REDACTED_JSON } from './policy/redaction.js';
import type { AuditNotes, Outcome, RecordTuple, TupleRedaction } from './record.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the handler tells the record. */
    audit?: AuditNotes;
  }
}

/** The status that stands for "the client went away before its answer" (as nginx writes it); nobody is ever sent it. */
const CLIENT_CLOSED_REQUEST = 499;
const MAX_TEXT = 512;
/** Bytes of a record without its payloads, for the bound of the buffer. */
const BASE_BYTES = 256;

/**
 * The record of a request whose answer is about to leave.
 * @param redactLimit characters of a payload beyond which nothing of it is kept where values are to be taken out
 * @param cost what a prediction costs now, for a request that asks for one
 */
export function toRecord(
  request: FastifyRequest,
  reply: FastifyReply,
  keeping: Keeping,
  redactLimit: number,
  cost?: PredictionCost,
): RecordTuple {
  const context = openContext(request, reply);
  const notes = request.audit ?? NO_NOTES;
  const { status, outcome } = endOf(request, reply, context);
  const { headers } = request;
  const route = routeOf(request);
  const path = pathOf(request.url);
  const { limit, redaction } = keeping;
  const all = keeping.level === 'payload';
  const input = all
    ? kept(inputOf(request, context, notes), redaction?.input ? redactLimit : null, limit)
    : NOTHING;
  const output = all ? kept(notes.output, redaction?.output ? redactLimit : null, limit) : NOTHING;
  const inputCut = input.cut || (notes.partial === true && input.text !== null);
  const outputCut = output.cut || (notes.partial === true && output.text !== null);
  const record: RecordTuple = [
    context.id,
    request.method,
    route,
    path === route ? null : short(path),
    status,
    outcome,
    context.problem,
    context.principal,
    context.source,
    short(headers['user-agent'] ?? ''),
    context.trace?.traceId ?? (headers.traceparent === undefined ? null : traceIdOf(headers.traceparent)),
    clientRequestId(headers['x-request-id']),
    Math.round((performance.now() - context.startedAt) * 1000),
    microseconds(notes.queue),
    microseconds(notes.run),
    modelOf(request),
    notes.version ?? null,
    notes.digest ?? null,
    notes.batch ?? null,
    notes.cache ?? null,
    input.text,
    output.text,
    named(inputCut, outputCut),
    null,
  ];
  const taken: TupleRedaction | null = redaction && all ? { pointers: redaction.pointers, limit } : null;
  if (cost)
    return [
      ...record, taken, notes.eventTime ?? null, cost.cpuUs, cost.costPerMillion,
    ] as unknown as RecordTuple; // prettier-ignore
  return taken ? ([...record, taken] as unknown as RecordTuple) : record;
}

/** How a request ended. */
export function endOf(
  { raw }: FastifyRequest,
  { statusCode }: FastifyReply,
  { problem, cutShort }: RequestContext,
): { status: number; outcome: Outcome } {
  if (raw.socket.destroyed || problem === 'aborted')
    return { status: CLIENT_CLOSED_REQUEST, outcome: 'aborted' };
  return { status: statusCode, outcome: outcomeOf(cutShort ?? statusCode, problem) };
}

/** The route as the API documents it; empty where there is none. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? '' : routeName(request.routeOptions.url ?? '');
}

/** The model that was asked, or that would have been. */
export function modelOf({ audit, params }: FastifyRequest): string | null {
  return audit?.model ?? (params as { model?: string } | null)?.model ?? null;
}

/** The record of something that was not even HTTP, or that the server's own parser keeps from it. */
export function brokenRecord({ id, status, problem, source, asked }: BrokenRequest): RecordTuple {
  return bareRecord(id, { status, outcome: outcomeOf(status, problem), problem }, { source, ...asked }, null);
}

/**
 * The record that stands for those that never reached the disk, from the first of them to the last. Its problem says what
 * became of their answers: `records-lost`, they were given; `not-recorded`, they were not.
 */
export function lossRecord(problem: 'records-lost' | 'not-recorded', { count, from, to }: Loss): RecordTuple {
  const lost = { count, lastedUs: Math.max(0, to - from) * 1000 };
  return bareRecord(idAt(from), { status: 0, outcome: 'lost', problem }, {}, lost);
}

/** About how many bytes a record takes while it waits. */
export function sizeOf(record: RecordTuple): number {
  return BASE_BYTES + (record[20]?.length ?? 0) + (record[21]?.length ?? 0);
}

export function outcomeOf(status: number, problem: string | null): Outcome {
  if (status < 400) return 'ok';
  if (status === 408 || status === 504 || problem === 'deadline-exceeded') return 'timeout';
  if (status === 429 || (status === 503 && problem !== null && REFUSALS.has(problem))) return 'rejected';
  return status < 500 ? 'clientError' : 'serverError';
}

/** Problems that mean "the house is full", not "something is broken". */
const REFUSALS: ReadonlySet<string> = new Set([
  'queue-full',
  'bulk-busy',
  'readers-busy',
  'journal-full',
  'live-full',
]);
const NO_NOTES: AuditNotes = {};
const NOTHING = { text: null, cut: false } as const;

function bareRecord(
  id: string,
  { status, outcome, problem }: { status: number; outcome: Outcome; problem: string },
  {
    source = '',
    method = '',
    url = '',
    userAgent = '',
  }: Partial<Record<'source' | 'method' | 'url' | 'userAgent', string>>,
  lost: { count: number; lastedUs: number } | null,
): RecordTuple {
  return [
    id, method, '', url === '' ? null : short(pathOf(url)), status, outcome, problem, '', source, short(userAgent), null, null, lost?.lastedUs ?? 0, null, null, null, null, null, null, null,
    null, null, null, lost?.count ?? null,
  ]; // prettier-ignore
}

/** What was asked: the handler's own words, else the body as it came, else the query. */
function inputOf(request: FastifyRequest, { body }: RequestContext, notes: AuditNotes): string | undefined {
  if (notes.input !== undefined) return notes.input;
  if (body) return body.json ? body.text : JSON.stringify(body.text);
  const query = request.url.indexOf('?');
  return query < 0 ? undefined : JSON.stringify(request.url.slice(query + 1));
}

interface Kept {
  text: string | null;
  cut: boolean;
}

/** What travels of a payload: all of it where values are taken out on the way, unless it is too long for that. */
function kept(text: string | undefined, redactLimit: number | null, limit: number): Kept {
  if (text === undefined) return NOTHING;
  if (redactLimit === null) return cut(text, limit);
  return { text: text.length > redactLimit ? REDACTED_JSON : text, cut: false };
}

export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function short(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

function clientRequestId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? short(header) : null;
}

function microseconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1000);
}

const routeNames = new Map<string, string>();

/** A route as the API writes it: without the patterns that only the router needs, a doubled colon for what it stands for. */
export function routeName(url: string): string {
  let name = routeNames.get(url);
  if (name === undefined) {
    name = url.replaceAll(/\([^)]*\)/g, '').replaceAll('::', ':');
    routeNames.set(url, name); // as many as there are routes
  }
  return name;
}

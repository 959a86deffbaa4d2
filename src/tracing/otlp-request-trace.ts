import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { routeOf } from '../audit/to-record.js';
import type { Passage } from '../http/answer-gate.js';
import type { RequestContext } from '../http/request-context.js';
import type { RequestTrace, TracedRun } from '../http/request-trace.js';

/** Most runs of one request that are told each for itself, the first; beyond them they are counted: a body may be of any length. */
const MOST_RUNS = 32;

/** One request as spans: its own, and below it the wait for the model, the run, and the commit of its record. Times are on the monotonic clock. */
export class OtlpRequestTrace implements RequestTrace {
  private heldFrom = 0;
  private heldUntil = 0;
  private runs = 0;

  /** @param own its own span, and what turns the monotonic clock into epoch milliseconds */
  constructor(
    private readonly tracer: Tracer,
    private readonly own: { span: Span; offset: number },
    private readonly request: FastifyRequest,
    private readonly context: RequestContext,
  ) {}

  get traceId(): string {
    return this.own.span.spanContext().traceId;
  }

  ran(run: TracedRun): void {
    if (run.startedAt !== undefined && ++this.runs <= MOST_RUNS) this.tellRun(run, run.startedAt);
  }

  held(done: Passage): Passage {
    this.heldFrom = performance.now();
    return (refusal) => {
      this.heldUntil = performance.now();
      done(refusal);
    };
  }

  end(response: ServerResponse): void {
    const route = routeOf(this.request);
    const answered = response.writableFinished;
    if (route !== '') this.own.span.updateName(`${this.request.method} ${route}`);
    this.own.span.setAttributes(this.attributes(route, response));
    if (answered && response.statusCode >= 500) this.own.span.setStatus({ code: SpanStatusCode.ERROR });
    this.tellParts();
    this.own.span.end(this.own.offset + performance.now());
  }

  private attributes(route: string, response: ServerResponse): Attributes {
    const { request, context } = this;
    const { model, version, batch, cache } = request.audit ?? {};
    const known = Object.entries({
      'http.route': route || undefined,
      'http.response.status_code': response.writableFinished ? response.statusCode : undefined,
      'error.type': response.writableFinished ? (context.problem ?? undefined) : 'aborted',
      'oriel.model': model,
      'oriel.version': version,
      'oriel.batch': batch,
      'oriel.runs': this.runs || undefined,
      'oriel.cache': cache,
    }).filter(([, value]) => value !== undefined);
    return {
      'http.request.method': request.method,
      'url.path': request.url.split('?', 1)[0],
      'oriel.request_id': context.id,
      ...Object.fromEntries(known),
    };
  }

  private tellParts(): void {
    const { ranAt, queue = 0, run = 0, batch = 0 } = this.request.audit ?? {};
    if (ranAt !== undefined) this.tellRun({ queue, run, batch }, ranAt);
    if (this.heldUntil > 0) this.tell('journal commit', this.heldFrom, this.heldUntil);
  }

  private tellRun({ queue, run, batch }: TracedRun, from: number): void {
    this.tell('queue wait', from - queue, from);
    this.tell('inference run', from, from + run, { 'oriel.batch': batch });
  }

  private tell(name: string, startTime: number, until: number, attributes: Attributes = {}): void {
    const { offset, span } = this.own;
    const within = trace.setSpan(ROOT_CONTEXT, span);
    this.tracer.startSpan(name, { startTime: offset + startTime, attributes }, within).end(offset + until);
  }
}

import { ROOT_CONTEXT, SpanKind, trace, type Context, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';
import { traceIdOf, type RequestContext } from '../http/request-context.js';
import type { RequestTrace, RequestTracer } from '../http/request-trace.js';
import { BoundedProcessor } from './bounded-processor.js';
import { OtlpRequestTrace } from './otlp-request-trace.js';

/** Most spans in one message to the collector, and how long they are collected for one, in milliseconds. */
const BATCH = 512;
const COLLECT_MS = 1000;
/** How long one message may take, and how long the collector is waited for when the server leaves. */
const SEND_MS = 5000;
const LEAVE_MS = 2000;
/** Probes and scrapes: they would drown the rest. */
const NOT_TRACED = /^\/(health|v2\/health|metrics|ping|docs|openapi\.json)(\/|\?|$)/;

/**
 * Sends traces of requests to a collector (OTLP over HTTP). A caller that says in `traceparent` whether it is traced is followed; of the
 * others a share is. The collector may be slow or gone: spans wait in a bounded queue, and are dropped and counted beyond it.
 */
export class OtlpTracer implements RequestTracer {
  private readonly provider: BasicTracerProvider;
  private readonly processor: BoundedProcessor;
  private readonly tracer: Tracer;

  constructor(settings: Settings, release: string) {
    const url = `${settings.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`;
    const most = settings.traceQueue;
    this.processor = new BoundedProcessor(
      new OTLPTraceExporter({ url, timeoutMillis: SEND_MS }),
      most,
      (exporter) => {
        const bounds = { maxQueueSize: most, maxExportBatchSize: Math.min(BATCH, most) };
        return new BatchSpanProcessor(exporter, {
          ...bounds,
          scheduledDelayMillis: COLLECT_MS,
          exportTimeoutMillis: SEND_MS,
        });
      },
    );
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'oriel', 'service.version': release }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.traceRatio) }),
      spanProcessors: [this.processor],
    });
    this.tracer = this.provider.getTracer('oriel', release);
  }

  get figures(): RequestTracer['figures'] {
    return this.processor.figures;
  }

  begin(request: FastifyRequest, context: RequestContext): RequestTrace | null {
    if (NOT_TRACED.test(request.url)) return null;
    // One offset for all spans of a request: they must fit each other to the microsecond.
    const offset = Date.now() - performance.now();
    const options = { kind: SpanKind.SERVER, startTime: offset + context.startedAt };
    const span = this.tracer.startSpan(request.method, options, parentOf(request.headers.traceparent));
    return span.isRecording() ? new OtlpRequestTrace(this.tracer, { span, offset }, request, context) : null;
  }

  /** Sends what waits, if the collector takes it in time. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LEAVE_MS)));
    // What cannot be sent now is lost as it would be with a collector that is gone; the figures say so.
    const sent = this.provider.shutdown().catch(() => undefined);
    await Promise.race([sent, late]);
    clearTimeout(timer);
  }
}

/** The span of the caller (W3C Trace Context). */
function parentOf(header: string | string[] | undefined): Context {
  const traceId = traceIdOf(header);
  if (traceId === null || typeof header !== 'string') return ROOT_CONTEXT;
  const [, , spanId = '', flags = '00'] = header.split('-');
  const traceFlags = parseInt(flags, 16) & 1;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

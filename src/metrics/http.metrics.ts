import { Inject, Injectable } from '@nestjs/common';
import { routeName } from '../audit/to-record.js';
import { Connections } from '../http/connections.js';
import { HttpFigures, STATUS_CLASSES, type RouteFigures } from '../http/http-figures.js';
import { InFlight } from '../http/in-flight.js';
import { Refusals } from '../http/refusals.js';
import { TRACER, type RequestTracer } from '../http/request-trace.js';
import { by, counter, gauge, histogram, type Family, type Labels, type Sample } from './family.js';
import type { Bounds, MetricSource } from './source.js';

/** The label of requests to no route, whatever they asked for. */
const UNMATCHED = 'unmatched';

const NOT_TRACED: RequestTracer['figures'] = { waiting: 0, sent: 0, failed: 0, dropped: 0 };

/** Requests: by route, method and class of status. */
@Injectable()
export class HttpMetrics implements MetricSource {
  constructor(
    private readonly figures: HttpFigures,
    private readonly inFlight: InFlight,
    private readonly connections: Connections,
    private readonly refusals: Refusals,
    @Inject(TRACER) private readonly tracer: RequestTracer | null,
  ) {}

  families(): Family[] {
    const { routes } = this.figures;
    const durations = routes.flatMap(durationsOf);
    return [
      counter(
        'oriel_http_requests_total',
        'Requests that are over, by the class of the status; aborted: the client was gone before its answer.',
        durations.map(({ labels, histogram: { count } }) => ({ labels, value: count })),
      ),
      histogram(
        'oriel_http_request_duration_seconds',
        'From the arrival of a request to the last byte of its answer.',
        durations,
      ),
      counter(
        'oriel_http_not_modified_total',
        'Answers 304: the caller had it already.',
        routes
          .filter(({ notModified }) => notModified > 0)
          .map((one) => ({ labels: labelsOf(one), value: one.notModified })),
      ),
      counter(
        'oriel_http_problems_total',
        'Problems that were answered, by their code.',
        by('code', this.refusals.all),
      ),
      gauge('oriel_http_requests_in_flight', 'Requests that have no answer yet.', this.inFlight.count),
      gauge('oriel_http_connections', 'Connections that are open.', this.connections.open),
      counter('oriel_trace_spans_total', 'Spans of traces, by what became of them.', this.spans()),
    ];
  }

  bounds(): Bounds {
    const { waiting, dropped } = this.tracer?.figures ?? NOT_TRACED;
    return { traceQueue: { used: waiting, hits: dropped }, connections: { used: this.connections.open } };
  }

  private spans(): Sample[] {
    const { sent, failed, dropped } = this.tracer?.figures ?? NOT_TRACED;
    return by('result', { sent, failed, dropped });
  }
}

function labelsOf({ route, method }: RouteFigures): Labels {
  return { route: route === '' ? UNMATCHED : routeName(route), method };
}

function durationsOf(
  figures: RouteFigures,
): { labels: Labels; histogram: NonNullable<RouteFigures['byClass'][number]> }[] {
  const labels = labelsOf(figures);
  return STATUS_CLASSES.flatMap((status, place) => {
    const durations = figures.byClass[place];
    return durations ? [{ labels: { ...labels, status }, histogram: durations }] : [];
  });
}

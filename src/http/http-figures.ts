import type { ServerResponse } from 'node:http';
import { Histogram, LATENCY_BOUNDS } from '../histogram.js';
import type { RequestContext } from './request-context.js';

/** The classes of status codes, by their first digit, and what is no answer: its client was gone. */
export const STATUS_CLASSES = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
export type StatusClass = (typeof STATUS_CLASSES)[number];

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY',
]);

/** What became of the requests to one route by one method. */
export class RouteFigures {
  /** Seconds from arrival to the last byte of the answer, by the place of the class in `STATUS_CLASSES`. */
  readonly byClass: (Histogram | undefined)[] = [];
  /** Answers 304. */
  notModified = 0;

  constructor(
    readonly route: string,
    readonly method: string,
  ) {}

  /** @param status 0 where there was no answer */
  note(status: number, seconds: number): void {
    const place = Math.floor(status / 100);
    if (status === 304) this.notModified++;
    (this.byClass[place] ??= new Histogram(LATENCY_BOUNDS)).add(seconds);
  }
}

/**
 * What became of requests. A route is one of the few that the server has, a method one of the known ones, so that no caller can make
 * this grow. To note a request costs well under a microsecond.
 */
export class HttpFigures {
  /** Requests to no route; also those that the parser refused. */
  readonly unmatched = new Map<string, RouteFigures>();
  private readonly byRoute = new Map<object, Map<string, RouteFigures>>();

  /** @param config what Fastify keeps of a route: always the same object for it */
  of(config: object, url: string, method: string): RouteFigures {
    let route = this.byRoute.get(config);
    if (!route) this.byRoute.set(config, (route = new Map<string, RouteFigures>()));
    return route.get(method) ?? fresh(route, url, method);
  }

  /** Those of a request that no route is for. */
  ofNone(method: string): RouteFigures {
    const known = METHODS.has(method) ? method : 'other';
    return this.unmatched.get(known) ?? fresh(this.unmatched, '', known);
  }

  /** The answer to a request is out, or its client is gone. */
  readonly closed = (context: RequestContext, response: ServerResponse): void => {
    const status = response.writableFinished ? response.statusCode : 0;
    context.figures?.note(status, (performance.now() - context.startedAt) / 1000);
  };

  /** What was not even HTTP was answered. */
  broken(status: number): void {
    this.ofNone('other').note(status, 0);
  }

  get routes(): RouteFigures[] {
    return [...this.byRoute.values(), this.unmatched].flatMap((methods) => [...methods.values()]);
  }
}

function fresh(to: Map<string, RouteFigures>, route: string, method: string): RouteFigures {
  const figures = new RouteFigures(route, method);
  to.set(method, figures);
  return figures;
}

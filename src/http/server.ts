import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import compress from '@fastify/compress';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { AnswerGate } from './answer-gate.js';
import { AREAS, ROLES, type Area } from './areas.js';
import { acceptBodies, chooseBody } from './bodies.js';
import { addBodyHook } from './body-hook.js';
import { answerEverything, brokenRequestHandler, noteArrival, type Ways } from './broken-requests.js';
import { endIdleConnections } from './closing.js';
import { codedTag } from './conditional.js';
import { Connections } from './connections.js';
import { Drain } from './drain.js';
import { continueBodies } from './expectations.js';
import { FrontDoor } from './front-door.js';
import { HttpFigures, type RouteFigures } from './http-figures.js';
import { InFlight } from './in-flight.js';
import { producedBy } from './media-types.js';
import { KnownMethods } from './methods.js';
import { checkAcceptable } from './negotiation.js';
import { statusOf, toOrielError, unknownRoute } from './problem.js';
import { addPipelines, Pipelines, type Arrive } from './pipelines.js';
import { openContext, type RequestContext } from './request-context.js';
import { checkHead, originForm, type HeadLimits } from './request-head.js';
import type { RequestTracer } from './request-trace.js';
import { Refusals } from './refusals.js';
import type { RouteSays } from './route-config.js';
import { sendProblem, writeProblem } from './send-problem.js';
import { nameBodyType } from './tensor-body.js';

/** Least size of an answer that is worth compressing, in bytes. */
const COMPRESS_FROM = 1024;
/** Characters of one part of an address: enough for one that holds the place of a window and its key. */
const MAX_PARAMETER_LENGTH = 1536;

/** The parts of the HTTP server that other modules need. */
export interface HttpServer {
  adapter: FastifyAdapter;
  gate: AnswerGate;
  drain: Drain;
  inFlight: InFlight;
  figures: HttpFigures;
  tracer: RequestTracer | null;
  connections: Connections;
  refusals: Refusals;
  /** Ends every connection at once, whatever is under way on it. @returns how many there were */
  cutConnections: () => number;
  door: FrontDoor;
  routes: KnownMethods;
}

/** Builds the Fastify server under Nest, with what must see every request: also those that no handler ever sees. */
export async function createHttpServer(
  settings: Settings,
  tracer: RequestTracer | null = null,
): Promise<HttpServer> {
  const inFlight = new InFlight();
  const refusals = new Refusals();
  const figures = new HttpFigures();
  const gate = new AnswerGate(inFlight, refusals, figures);
  const connections = new Connections(settings, refusals);
  const drain = new Drain();
  const door = new FrontDoor();
  const routes = new KnownMethods();
  const ways: Ways = { gate, pipelines: new Pipelines(settings.pipelined) };
  const adapter = adapterOf(settings, ways, figures);
  const server: FastifyInstance = adapter.getInstance();
  server.decorateRequest('context', null);
  answerEverything(server.server, ways);
  const cutConnections = endIdleConnections(server);
  server.server.maxHeadersCount = 0; // those beyond it would be left out in silence
  connections.watch(server.server);
  noteRoutes(server, routes);
  addPipelines(server, ways.pipelines, arrivals({ inFlight, figures, tracer }));
  addArrivalHook(server, { drain, door, routes }, settings);
  addBodyHook(server, settings);
  continueBodies(server);
  addGateHook(server, gate, drain);
  acceptBodies(server, settings);
  await addCompression(server);
  addCodingTags(server);
  return {
    adapter,
    gate,
    drain,
    inFlight,
    connections,
    refusals,
    door,
    routes,
    cutConnections,
    figures,
    tracer,
  };
}

/** Fastify under Nest, and what becomes of requests that it cannot route. */
function adapterOf(settings: Settings, ways: Ways, figures: HttpFigures): FastifyAdapter {
  const shortest = Math.min(settings.headerTimeout, settings.requestTimeout);
  return new FastifyAdapter({
    bodyLimit: settings.bodyLimit,
    requestTimeout: settings.requestTimeout,
    http: {
      requireHostHeader: false, // the arrival hook requires it, so that its absence is on record
      // Node holds a request against its time only while that of the headers is not longer, and only so often.
      requestTimeout: settings.requestTimeout,
      headersTimeout: shortest,
      connectionsCheckingInterval: Math.min(1000, Math.max(50, Math.ceil(shortest / 4))),
      maxHeaderSize: settings.urlLimit + settings.headerLimit,
    },
    trustProxy: settings.trustProxy.length > 0 ? [...settings.trustProxy] : false,
    keepAliveTimeout: settings.keepAlive,
    rewriteUrl: originForm,
    return503OnClosing: false,
    skipMiddie: true,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    clientErrorHandler: brokenRequestHandler(ways, settings),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      noteArrival(request.raw);
      ways.pipelines.note(request.raw.socket, reply.raw);
      const context = openContext(request, reply);
      const problem = toOrielError(error, settings.bodyLimit);
      context.problem = problem.code;
      context.figures = figures.ofNone(request.method);
      reply.raw.once('close', () => figures.closed(context, reply.raw));
      void reply.code(statusOf(problem)); // which the record takes from the reply
      ways.gate.pass(request, reply, (refusal) => sendProblem(reply, refusal ?? problem, context.id));
    },
  });
}

/** Documentation, whose routes others make, and so without saying who may use them. */
const DOCS = /^\/(docs(\/|$|-)|openapi\.json$)/;

function noteRoutes(server: FastifyInstance, routes: KnownMethods): void {
  server.addHook('onRoute', (route) => {
    if (DOCS.test(route.url)) route.config = { ...route.config, area: 'docs' };
    const { area } = (route.config ?? {}) as RouteSays;
    for (const one of [route.method].flat()) routes.add(one, route.url, area);
  });
}

/** Where nothing is: only who may be here at all is told so. */
const NOWHERE: Area = { roles: ROLES, openBy: [] };

function areaOf(request: FastifyRequest): Area {
  if (request.is404) return NOWHERE;
  const { area } = request.routeOptions.config as RouteSays;
  return area === undefined ? AREAS.admin : AREAS[area];
}

async function addCompression(server: FastifyInstance): Promise<void> {
  // Awaited: it wraps the routes that are added after it is in place.
  await server.register(compress, {
    encodings: ['br', 'gzip'],
    globalDecompression: false, // see addBodyHook
    threshold: COMPRESS_FROM,
  });
}

/** Notes each request as it arrives, for all who follow it from then on. */
function arrivals({
  inFlight,
  figures,
  tracer,
}: Pick<HttpServer, 'inFlight' | 'figures' | 'tracer'>): Arrive {
  const closed = (context: RequestContext, response: ServerResponse): void => {
    figures.closed(context, response);
    context.trace?.end(response);
  };
  return (request, reply) => {
    noteArrival(request.raw);
    const context = openContext(request, reply);
    context.figures = figuresOf(request, figures);
    if (tracer) context.trace = tracer.begin(request, context);
    inFlight.enter(context, reply.raw, closed);
  };
}

function addArrivalHook(
  server: FastifyInstance,
  { drain, door, routes }: Pick<HttpServer, 'drain' | 'door' | 'routes'>,
  limits: HeadLimits,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.headers['content-encoding'] === 'identity') delete request.headers['content-encoding'];
    const enter = (refusal?: OrielError | null): void => {
      if (refusal) return done(refusal);
      try {
        if (request.is404) return refuseUnknown(request, reply, routes);
        checkForms(request);
      } catch (error) {
        if (isUnreadable(error)) void reply.header('connection', 'close');
        return done(error as Error);
      }
      done();
    };
    try {
      if (drain.refusing) throw leaving();
      checkHead(request.raw, limits);
    } catch (error) {
      if (isUnreadable(error)) void reply.header('connection', 'close');
      return done(error as Error);
    }
    door.admit(request, reply, areaOf(request), enter);
  });
}

function figuresOf(request: FastifyRequest, figures: HttpFigures): RouteFigures {
  if (request.is404) return figures.ofNone(request.method);
  const { config, url = '' } = request.routeOptions;
  return figures.of(config, url, request.method);
}

/** Whether what comes after the head of a request is too much to pass over, or cannot be told from the next request. */
function isUnreadable(error: unknown): boolean {
  return (
    error instanceof OrielError &&
    ['tooLarge', 'malformed', 'notImplemented', 'httpVersion'].includes(error.kind)
  );
}

function leaving(): OrielError {
  return new OrielError('unavailable', 'leaving', 'The server is ending since something in it failed.', {
    retryAfter: 1,
  });
}

/** @throws OrielError `not-acceptable`, `unsupported-media-type` */
function checkForms(request: FastifyRequest): void {
  const produces = producedBy(request);
  if (produces?.length) checkAcceptable(request.headers.accept, produces);
  nameBodyType(request);
  chooseBody(request);
}

/** @throws OrielError `unknown-route`, `method-not-allowed`; before the body is read, which nobody wants */
function refuseUnknown(request: FastifyRequest, reply: FastifyReply, methods: KnownMethods): void {
  const allow = methods.of(request.url);
  if (allow.length === 0) throw unknownRoute();
  if (request.method === 'OPTIONS') {
    void reply.code(204).header('allow', allow.join(', ')).send();
    return;
  }
  throw new OrielError('methodNotAllowed', 'method-not-allowed', `This address takes ${allow.join(', ')}.`, {
    allow,
  });
}

/** The first of the hooks before sending, so that compression sees what the gate lets through. */
function addGateHook(server: FastifyInstance, gate: AnswerGate, drain: Drain): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (drain.started) void reply.header('connection', 'close');
    if (request.context?.passesLater) return done(null, payload);
    gate.pass(request, reply, (refusal) => {
      if (!refusal) return done(null, payload);
      if (payload instanceof Readable) payload.destroy(); // nobody is going to read it
      done(null, writeProblem(reply, refusal, openContext(request, reply).id));
    });
  });
}

/** A strong tag names bytes, so each coding of an answer has its own (RFC 9110, section 8.8.3.3). Runs after compression. */
function addCodingTags(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.onSend = [
      ...[route.onSend ?? []].flat(),
      (_request, reply, payload, done): void => {
        const tag = reply.getHeader('etag');
        const coding = reply.getHeader('content-encoding');
        if (typeof tag === 'string' && typeof coding === 'string')
          void reply.header('etag', codedTag(tag, coding));
        done(null, payload);
      },
    ];
  });
}

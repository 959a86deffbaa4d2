import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AnswerGate } from './answer-gate.js';
import { Connections } from './connections.js';
import { Drain } from './drain.js';
import { FrontDoor } from './front-door.js';
import { HttpFigures } from './http-figures.js';
import { InFlight } from './in-flight.js';
import { KnownMethods } from './methods.js';
import { ProblemFilter } from './problem.filter.js';
import { Refusals } from './refusals.js';
import { TRACER, type RequestTracer } from './request-trace.js';
import type { HttpServer } from './server.js';

/** Problem details everywhere, and the parts of the server that other modules need. */
@Global()
@Module({})
export class HttpModule implements OnApplicationShutdown {
  constructor(@Inject(TRACER) private readonly tracer: RequestTracer | null) {}

  static with(server: HttpServer): DynamicModule {
    const { gate, drain, inFlight, figures, tracer, door, routes, connections, refusals } = server;
    return {
      module: HttpModule,
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: AnswerGate, useValue: gate },
        { provide: Drain, useValue: drain },
        { provide: InFlight, useValue: inFlight },
        { provide: Connections, useValue: connections },
        { provide: Refusals, useValue: refusals },
        { provide: FrontDoor, useValue: door },
        { provide: KnownMethods, useValue: routes },
        { provide: HttpFigures, useValue: figures },
        { provide: TRACER, useValue: tracer },
      ],
      exports: [
        AnswerGate,
        Drain,
        HttpFigures,
        InFlight,
        Connections,
        Refusals,
        FrontDoor,
        KnownMethods,
        TRACER,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tracer?.close();
  }
}

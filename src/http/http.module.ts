import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AnswerGate } from './answer-gate.js';
import { Connections } from './connections.js';
import { Drain } from './drain.js';
import { InFlight } from './in-flight.js';
import { ProblemFilter } from './problem.filter.js';
import { Refusals } from './refusals.js';
import type { HttpServer } from './server.js';

/** Problem details everywhere, and the parts of the server that other modules need. */
@Global()
@Module({})
export class HttpModule {
  static with({ gate, drain, inFlight, connections, refusals }: HttpServer): DynamicModule {
    return {
      module: HttpModule,
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: AnswerGate, useValue: gate },
        { provide: Drain, useValue: drain },
        { provide: InFlight, useValue: inFlight },
        { provide: Connections, useValue: connections },
        { provide: Refusals, useValue: refusals },
      ],
      exports: [AnswerGate, Drain, InFlight, Connections, Refusals],
    };
  }
}

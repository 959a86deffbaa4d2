import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OrielError } from '../errors.js';
import { HttpFigures } from './http-figures.js';
import { InFlight } from './in-flight.js';
import { Refusals } from './refusals.js';

/** Lets an answer leave (`done()`), or has a refusal sent in its place. */
export type Passage = (refusal?: OrielError) => void;

/** A request that never became one for Fastify: its bytes were not HTTP, or did not come in time. */
export interface BrokenRequest {
  id: string;
  status: number;
  problem: string;
  source: string;
  /** What is known of it besides: of bytes that were not HTTP nothing is. */
  asked?: { method: string; url: string; userAgent: string };
}

/**
 * What every answer passes just before it is sent, whatever made it: handlers, errors, unknown routes, the HTTP parser.
 * One domain keeps it (the audit, which holds an answer back until its record is on disk); without a keeper it is open.
 */
export class AnswerGate {
  private keeper: GateKeeper | undefined;

  keep(keeper: GateKeeper): void {
    this.keeper = keeper;
  }

  /**
   * @param inFlight told of each that passes, once the keeper knows of it
   * @param refusals told of each problem
   * @param figures told of what no hook sees
   */
  constructor(
    private readonly inFlight: InFlight = new InFlight(),
    private readonly refusals: Refusals = new Refusals(),
    private readonly figures: HttpFigures = new HttpFigures(),
  ) {}

  pass(request: FastifyRequest, reply: FastifyReply, done: Passage): void {
    const onward = request.context?.trace?.held(done) ?? done;
    if (this.keeper) this.keeper.pass(request, reply, onward);
    else onward();
    if (!request.context) return;
    if (request.context.problem !== null) this.refusals.add(request.context.problem);
    this.inFlight.leave(request.context);
  }

  passBroken(broken: BrokenRequest, done: Passage): void {
    this.refusals.add(broken.problem);
    this.figures.broken(broken.status);
    if (this.keeper) this.keeper.passBroken(broken, done);
    else done();
  }
}

export interface GateKeeper {
  pass(request: FastifyRequest, reply: FastifyReply, done: Passage): void;
  passBroken(broken: BrokenRequest, done: Passage): void;
}

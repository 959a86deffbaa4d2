import type { FastifyReply, FastifyRequest } from 'fastify';
import { openContext, type RequestContext } from '../http/request-context.js';
import type { Asked } from './policy/policy.js';
import type { Outcome } from './record.js';
import { endOf, modelOf, pathOf, routeOf } from './to-record.js';

/** A request whose answer is about to leave, as the policy's rules see it; what no rule asks for is not found out. */
export class AskedRequest implements Asked {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {}

  get method(): string {
    return this.request.method;
  }

  get route(): string {
    return routeOf(this.request);
  }

  get path(): string {
    return pathOf(this.request.url);
  }

  get model(): string | null {
    return modelOf(this.request);
  }

  get status(): number {
    return endOf(this.request, this.reply, this.context).status;
  }

  get outcome(): Outcome {
    return endOf(this.request, this.reply, this.context).outcome;
  }

  get roles(): readonly string[] {
    return this.context.roles;
  }

  get latency(): number {
    return performance.now() - this.context.startedAt;
  }

  private get context(): RequestContext {
    return openContext(this.request, this.reply);
  }
}

import { Catch, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../config/settings.js';
import { toOrielError } from './problem.js';
import { openContext } from './request-context.js';
import { sendProblem } from './send-problem.js';

/** Every failure leaves the server here, as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Http');

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    const context = openContext(request, reply);
    const error = toOrielError(thrown, this.settings.bodyLimit);
    if (error.kind === 'internal') {
      this.log.error({ msg: 'a request failed', requestId: context.id, err: error.cause ?? error });
    }
    context.problem = error.code;
    sendProblem(reply, error, context.id);
  }
}

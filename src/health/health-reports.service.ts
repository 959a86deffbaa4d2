import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FrontDoor } from '../http/front-door.js';
import { JSON_TYPE } from '../http/media-types.js';
import { checkAcceptable } from '../http/negotiation.js';
import { openContext } from '../http/request-context.js';
import { packageVersion } from '../package-version.js';
import { inTime, type Check } from './check.js';
import { HEALTH_JSON, healthJson, type HealthJson } from './health-json.js';

/** Roles that may see why something is not well. */
const MAY_SEE = ['read', 'admin'];

/** Asks checks and answers with what they say: in the form that the caller prefers, and no more than the caller may see. */
@Injectable()
export class HealthReports {
  private readonly release = packageVersion();

  constructor(
    private readonly health: HealthCheckService,
    private readonly door: FrontDoor,
  ) {}

  /** @param details whether more than names and states is told at all @throws OrielError `not-acceptable` */
  async answer(
    checks: readonly Check[],
    details: boolean,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<HealthCheckResult | HealthJson> {
    const form = checkAcceptable(request.headers.accept, [JSON_TYPE, HEALTH_JSON]);
    const report = await this.report(checks);
    const context = openContext(request, reply);
    if (report.status === 'error' || report.status === 'shutting_down') {
      context.problem = 'unhealthy';
      void reply.code(503);
    }
    void reply.header('content-type', `${form}; charset=utf-8`).header('vary', 'Accept');
    const maySee = details && (!this.door.guarded || context.roles.some((role) => MAY_SEE.includes(role)));
    const told = maySee ? report : withoutDetails(report);
    return form === HEALTH_JSON ? healthJson(told, this.release, new Date().toISOString()) : told;
  }

  /** Terminus tells bad health by an exception that carries the report. */
  private async report(checks: readonly Check[]): Promise<HealthCheckResult> {
    try {
      return await this.health.check(checks.map((check) => () => inTime(check)));
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return error.getResponse() as HealthCheckResult;
    }
  }
}

function withoutDetails({ status, info, error, details }: HealthCheckResult): HealthCheckResult {
  return { status, info: bare(info ?? {}), error: bare(error ?? {}), details: bare(details) };
}

function bare(parts: Partial<HealthCheckResult['details']>): HealthCheckResult['details'] {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, { status: part?.status ?? 'up' }]),
  );
}

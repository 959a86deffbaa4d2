import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditNotes } from '../audit/record.js';
import { openContext } from '../http/request-context.js';
import type { VersionChoice } from './catalog.js';
import { PredictionService } from './prediction.service.js';

type QueryRow = Record<string, string | string[]>;

/** Predictions over named features. `openapi.ts` documents these routes for each loaded model, with its own types. */
@ApiExcludeController()
@Controller({ path: 'models/:model', version: '1' })
export class PredictionController {
  constructor(private readonly predictions: PredictionService) {}

  @Post('predict')
  @HttpCode(200)
  predict(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer(model, {}, body, request, reply);
  }

  @Post('versions/:version/predict')
  @HttpCode(200)
  predictVersion(
    @Param() { model, version }: { model: string; version: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer(model, { version }, body, request, reply);
  }

  @Post('labels/:label/predict')
  @HttpCode(200)
  predictLabel(
    @Param() { model, label }: { model: string; label: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer(model, { label }, body, request, reply);
  }

  @Get('predict')
  query(
    @Param('model') model: string,
    @Query() query: QueryRow,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answerQuery(model, {}, query, request, reply);
  }

  @Get('versions/:version/predict')
  queryVersion(
    @Param() { model, version }: { model: string; version: string },
    @Query() query: QueryRow,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answerQuery(model, { version }, query, request, reply);
  }

  @Get('labels/:label/predict')
  queryLabel(
    @Param() { model, label }: { model: string; label: string },
    @Query() query: QueryRow,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answerQuery(model, { label }, query, request, reply);
  }

  private async answerQuery(
    model: string,
    choice: VersionChoice,
    query: QueryRow,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    request.audit = { model };
    await this.answer(model, choice, this.predictions.rowOfQuery(model, choice, query), request, reply);
  }

  private async answer(
    model: string,
    choice: VersionChoice,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const notes: AuditNotes = {};
    request.audit = notes;
    const { id } = openContext(request, reply);
    const text = await this.predictions.predict({ id, model, choice, body }, notes);
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(text);
  }
}

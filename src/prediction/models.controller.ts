import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { scopeOf } from '../http/front-door.js';
import { InArea } from '../http/route-config.js';
import { Catalog } from './catalog.js';
import { modelSummary, modelView, versionView } from './model-view.js';

/** What is served. */
@ApiTags('models')
@Controller({ path: 'models', version: '1' })
export class ModelsController {
  constructor(private readonly catalog: Catalog) {}

  @InArea('models')
  @Get()
  @ApiOperation({ summary: 'The models that are served' })
  @ApiOkResponse({ description: 'Every model with its versions and their states.' })
  list(@Req() request: FastifyRequest): { items: unknown[]; models: string[] } {
    const models = this.catalog.list().filter(({ name }) => scopeOf(request).sees('models', name));
    return { items: models.map(modelSummary), models: models.map(({ name }) => name) };
  }

  // A colon ends the names, so that GET on `…:predict` is no model of that name; Nest cannot document such a path: `openapi.ts` does.
  @InArea('models')
  @Get(':model([^:/]+)')
  @ApiExcludeEndpoint()
  one(@Param('model') name: string): unknown {
    return modelView(this.catalog.model(name));
  }

  @InArea('models')
  @Get(':model/versions/:version([^:/]+)')
  @ApiExcludeEndpoint()
  version(@Param() { model, version }: { model: string; version: string }): unknown {
    return versionView(this.catalog.model(model), this.catalog.version(model, { version }));
  }

  @InArea('models')
  @Get(':model/labels/:label([^:/]+)')
  @ApiExcludeEndpoint()
  label(@Param() { model, label }: { model: string; label: string }): unknown {
    return versionView(this.catalog.model(model), this.catalog.version(model, { label }));
  }
}

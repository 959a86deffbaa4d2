import { Controller, Get, Param, Req, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { OrielError } from '../../../errors.js';
import { scopeOf } from '../../../http/front-door.js';
import { InArea } from '../../../http/route-config.js';
import { Catalog, type ModelEntry, type VersionChoice } from '../../catalog.js';
import type { ModelVersion } from '../../model-version.js';
import { configView, metadataView, statisticsView } from './views.js';

interface NamedVersion {
  model: string;
  version: string;
}

/** Models, as the Open Inference Protocol asks for them. */
@ApiTags('v2')
@ApiOkResponse()
@Controller({ path: 'v2/models', version: VERSION_NEUTRAL })
export class V2ModelsController {
  constructor(private readonly catalog: Catalog) {}

  @InArea('models')
  @Get('stats')
  @ApiOperation({ summary: 'Statistics of every model that is loaded' })
  allStatistics(@Req() request: FastifyRequest): unknown {
    const seen = this.catalog.list().filter(({ name }) => scopeOf(request).sees('models', name));
    return { model_stats: seen.flatMap(loadedOf).map(statisticsView) };
  }

  @InArea('models')
  @Get(':model')
  @ApiOperation({ summary: 'Metadata of a model' })
  metadata(@Param('model') model: string): unknown {
    const version = this.catalog.ready(model, {});
    return metadataView(
      version,
      loadedOf(this.catalog.model(model))
        .map(({ parts }) => parts.version)
        .reverse(),
    );
  }

  @InArea('models')
  @Get(':model/versions/:version')
  @ApiOperation({ summary: 'Metadata of a version' })
  versionMetadata(@Param() { model, version }: NamedVersion): unknown {
    return metadataView(this.catalog.ready(model, { version }), [version]);
  }

  @InArea('models')
  @Get(':model/ready')
  @ApiOperation({ summary: 'Whether a model can be asked; 400 while not' })
  ready(@Param('model') model: string): unknown {
    return this.readiness(model, {});
  }

  @InArea('models')
  @Get(':model/versions/:version/ready')
  @ApiOperation({ summary: 'Whether a version can be asked; 400 while not' })
  versionReady(@Param() { model, version }: NamedVersion): unknown {
    return this.readiness(model, { version });
  }

  @InArea('models')
  @Get(':model/config')
  @ApiOperation({ summary: 'Configuration of a model, as Triton writes it' })
  config(@Param('model') model: string): unknown {
    return configView(this.catalog.ready(model, {}));
  }

  @InArea('models')
  @Get(':model/versions/:version/config')
  @ApiOperation({ summary: 'Configuration of a version, as Triton writes it' })
  versionConfig(@Param() { model, version }: NamedVersion): unknown {
    return configView(this.catalog.ready(model, { version }));
  }

  @InArea('models')
  @Get(':model/stats')
  @ApiOperation({ summary: 'Statistics of the loaded versions of a model' })
  statistics(@Param('model') model: string): unknown {
    return { model_stats: loadedOf(this.catalog.model(model)).map(statisticsView) };
  }

  @InArea('models')
  @Get(':model/versions/:version/stats')
  @ApiOperation({ summary: 'Statistics of a version' })
  versionStatistics(@Param() { model, version }: NamedVersion): unknown {
    return { model_stats: [statisticsView(this.catalog.ready(model, { version }))] };
  }

  private readiness(model: string, choice: VersionChoice): unknown {
    const { loaded, version, state, reason } = this.catalog.version(model, choice);
    if (loaded) return { name: model, ready: true };
    // The protocol says 4xx, Triton says 400.
    throw new OrielError(
      'badParameter',
      'model-not-ready',
      `Version ${version} of ${model} is not ready: ${reason ?? state}`,
    );
  }
}

function loadedOf({ versions }: ModelEntry): ModelVersion[] {
  return versions.flatMap(({ loaded }) => loaded ?? []);
}

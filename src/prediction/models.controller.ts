import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Catalog } from './catalog.js';
import { modelSummary, modelView, versionView } from './model-view.js';

/** What is served. */
@ApiTags('models')
@Controller({ path: 'models', version: '1' })
export class ModelsController {
  constructor(private readonly catalog: Catalog) {}

  @Get()
  @ApiOperation({ summary: 'The models that are served' })
  @ApiOkResponse({ description: 'Every model with its versions and their states.' })
  list(): { items: unknown[] } {
    return { items: this.catalog.list().map(modelSummary) };
  }

  @Get(':model')
  @ApiOperation({ summary: 'A model: versions, labels, and what its default version takes and gives' })
  @ApiOkResponse({ description: 'Signature, features, labels, digest, state, example, caching.' })
  one(@Param('model') name: string): unknown {
    return modelView(this.catalog.model(name));
  }

  @Get(':model/versions/:version')
  @ApiOperation({ summary: 'A version of a model: what it takes and gives' })
  @ApiOkResponse({ description: 'Signature, features, labels, digest, state, example, caching.' })
  version(@Param('model') name: string, @Param('version') version: string): unknown {
    return versionView(this.catalog.model(name), this.catalog.version(name, { version }));
  }
}

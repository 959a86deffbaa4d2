import { Body, Controller, HttpCode, Param, Post, Req, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { pointerToken } from '../../../errors.js';
import { scopeOf } from '../../../http/front-door.js';
import { InArea } from '../../../http/route-config.js';
import { Catalog } from '../../catalog.js';
import { LoaderService } from '../../loader.service.js';
import { FaultList } from './fault-list.js';
import { indexView } from './views.js';

/** What Triton takes with a load or an unload and is without meaning here: no model depends on another. */
const HARMLESS: ReadonlySet<string> = new Set(['unload_dependents']);

/** The model repository extension. */
@ApiTags('v2')
@Controller({ path: 'v2/repository', version: VERSION_NEUTRAL })
export class V2RepositoryController {
  constructor(
    private readonly catalog: Catalog,
    private readonly loader: LoaderService,
  ) {}

  @InArea('models')
  @Post('index')
  @HttpCode(200)
  @ApiOperation({ summary: 'Every version of every model, with its state' })
  @ApiBody({
    required: false,
    schema: {
      type: 'object',
      nullable: true,
      properties: { ready: { type: 'boolean', description: 'Only ready ones.' } },
    },
  })
  @ApiOkResponse({ description: 'Name, version, state and, where it is not ready, the reason.' })
  index(@Body() body: unknown, @Req() request: FastifyRequest): unknown {
    const faults = new FaultList();
    const ready = faults.flag(faults.members(body ?? undefined, ''), 'ready', '');
    faults.throwIfAny();
    const all = this.catalog
      .list()
      .filter(({ name }) => scopeOf(request).sees('models', name))
      .flatMap((model) => [...model.versions].reverse().map((entry) => indexView(model, entry)));
    return ready === true ? all.filter(({ state }) => state === 'READY') : all;
  }

  @InArea('admin')
  @Post('models/:model/load')
  @HttpCode(200)
  @ApiOperation({ summary: 'Read the folder of a model again and load what it holds' })
  @ApiOkResponse({ description: 'Every version of it is ready.' })
  async load(@Param('model') model: string, @Body() body: unknown): Promise<object> {
    refuseParameters(body);
    await this.loader.reload(model);
    return {};
  }

  @InArea('admin')
  @Post('models/:model/unload')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take every version of a model out of service' })
  @ApiOkResponse({ description: 'It is, and the requests it had taken are answered.' })
  async unload(@Param('model') model: string, @Body() body: unknown): Promise<object> {
    refuseParameters(body);
    await this.loader.unload(model);
    return {};
  }
}

function refuseParameters(body: unknown): void {
  const faults = new FaultList();
  const parameters = faults.members(faults.members(body ?? undefined, '')?.parameters, '/parameters');
  for (const name of Object.keys(parameters ?? {})) {
    if (!HARMLESS.has(name))
      faults.add(`/parameters${pointerToken(name)}`, 'is not supported: a model is what its folder holds');
  }
  faults.throwIfAny();
}

import { Controller, Get, Header, Param, VERSION_NEUTRAL } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { OrielError } from '../../../errors.js';
import { InArea, RouteConfig } from '../../../http/route-config.js';
import { packageVersion } from '../../../package-version.js';
import { Catalog } from '../../catalog.js';
import { Readiness } from '../../readiness.service.js';

const TEXT = { produces: ['text/plain'] };
const PLAIN = 'text/plain; charset=utf-8';
const VERSION = packageVersion();

/** MLflow's probes, for the server and for each model. */
@ApiTags('mlflow')
@ApiProduces(...TEXT.produces)
@Controller({ version: VERSION_NEUTRAL })
export class PingController {
  constructor(
    private readonly catalog: Catalog,
    private readonly readiness: Readiness,
  ) {}

  @InArea('health')
  @Get('ping')
  @Header('content-type', PLAIN)
  @ApiOperation({ summary: 'Whether models can be asked' })
  @ApiOkResponse({ description: 'They can.' })
  @ApiServiceUnavailableResponse({ description: 'Not yet, or not any more.' })
  async ping(): Promise<string> {
    if ((await this.readiness.ofServer()) !== null) {
      throw new OrielError('unavailable', 'not-ready', 'The models cannot be asked now.', { retryAfter: 1 });
    }
    return '\n';
  }

  @InArea('health')
  @Get('version')
  @Header('content-type', PLAIN)
  @ApiOperation({ summary: 'The version of Oriel' })
  @ApiOkResponse({ description: 'As a text.' })
  version(): string {
    return VERSION;
  }

  @InArea('models')
  @Get('v1/models/:model/ping')
  @Header('content-type', PLAIN)
  @RouteConfig(TEXT)
  @ApiOperation({ summary: 'Whether a model can be asked' })
  @ApiOkResponse({ description: 'It can.' })
  @ApiServiceUnavailableResponse({ description: 'Its default version is loading, or failed.' })
  pingModel(@Param('model') model: string): string {
    this.catalog.ready(model, {});
    return '\n';
  }

  @InArea('models')
  @Get('v1/models/:model/version')
  @Header('content-type', PLAIN)
  @RouteConfig(TEXT)
  @ApiOperation({ summary: 'The version of Oriel, asked under a model' })
  @ApiOkResponse({ description: 'As a text.' })
  versionOfServer(@Param('model') model: string): string {
    this.catalog.model(model);
    return VERSION;
  }
}

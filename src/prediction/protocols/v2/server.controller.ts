import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OrielError } from '../../../errors.js';
import { Drain } from '../../../http/drain.js';
import { LoaderService } from '../../loader.service.js';
import { InferencePool } from '../../onnx/pool.js';
import { SERVER, type ServerMetadata } from './views.js';

/** The server, as the Open Inference Protocol asks for it. */
@ApiTags('v2')
@Controller({ path: 'v2', version: VERSION_NEUTRAL })
export class V2ServerController {
  constructor(
    private readonly loader: LoaderService,
    private readonly pool: InferencePool,
    private readonly drain: Drain,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Server metadata' })
  @ApiOkResponse({ description: 'Name, version and extensions.' })
  metadata(): ServerMetadata {
    return SERVER;
  }

  @Get('health/live')
  @ApiOperation({ summary: 'Whether the server answers at all' })
  @ApiOkResponse({ description: 'It does.' })
  live(): { live: true } {
    return { live: true };
  }

  @Get('health/ready')
  @ApiOperation({ summary: 'Whether models can be asked; 400 while not' })
  @ApiOkResponse({ description: 'They can.' })
  ready(): { ready: true } {
    const { drain, loader, pool } = this;
    if (drain.started) throw notReady('it is shutting down');
    if (!loader.done) throw notReady('models are being loaded');
    if (!pool.alive) throw notReady('an inference thread is gone');
    return { ready: true };
  }
}

/** The protocol says 4xx, Triton says 400. */
function notReady(reason: string): OrielError {
  return new OrielError('badParameter', 'not-ready', `The server is not ready: ${reason}.`);
}

import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OrielError } from '../../../errors.js';
import { InArea } from '../../../http/route-config.js';
import { Readiness } from '../../readiness.service.js';
import { SERVER, type ServerMetadata } from './views.js';

/** The server, as the Open Inference Protocol asks for it. */
@ApiTags('v2')
@Controller({ path: 'v2', version: VERSION_NEUTRAL })
export class V2ServerController {
  constructor(private readonly readiness: Readiness) {}

  @InArea('models')
  @Get()
  @ApiOperation({ summary: 'Server metadata' })
  @ApiOkResponse({ description: 'Name, version and extensions.' })
  metadata(): ServerMetadata {
    return SERVER;
  }

  @InArea('health')
  @Get('health/live')
  @ApiOperation({ summary: 'Whether the server answers at all' })
  @ApiOkResponse({ description: 'It does.' })
  live(): { live: true } {
    return { live: true };
  }

  @InArea('health')
  @Get('health/ready')
  @ApiOperation({ summary: 'Whether models can be asked; 400 while not' })
  @ApiOkResponse({ description: 'They can.' })
  async ready(): Promise<{ ready: true }> {
    const reason = await this.readiness.ofServer();
    // The protocol says 4xx, Triton says 400.
    if (reason !== null)
      throw new OrielError('badParameter', 'not-ready', `The server is not ready: ${reason}.`);
    return { ready: true };
  }
}

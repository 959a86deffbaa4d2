import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReadersService } from '../../database/readers.service.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { noParameters, queryPipe } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { CheckpointService } from '../../journal/checkpoint.service.js';
import { CheckpointPageDto, PublicKeyDto, VerdictDto } from './verification.dto.js';
import { RangeQuery, toRange } from '../record-range.js';
import { VerificationService } from './verification.service.js';
import type { Verdict } from './verifier.js';

@ApiTags('audit')
@Controller({ path: 'audit', version: '1' })
export class VerificationController {
  constructor(
    private readonly readers: ReadersService,
    private readonly verification: VerificationService,
    private readonly checkpoints: CheckpointService,
  ) {}

  @InArea('audit')
  @Get('verify')
  @ApiOperation({ summary: 'Whether the record is as it was written; the first that is not' })
  @ApiOkResponse({ type: VerdictDto, description: 'The verdict, whatever it is.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  @ApiProblem(503, 'As many exports and verifications as may be at once are under way.')
  verify(@Query(queryPipe()) query: RangeQuery): Promise<Verdict> {
    return this.verification.verify(toRange(query));
  }

  @InArea('audit')
  @Get('key')
  @ApiOperation({ summary: 'The key that checkpoints of the record are signed with' })
  @ApiOkResponse({ type: PublicKeyDto, description: 'The public half.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  key(@Query(noParameters()) _none: unknown): Promise<PublicKeyDto> {
    return this.checkpoints.key();
  }

  @InArea('audit')
  @Get('checkpoints')
  @ApiOperation({ summary: 'The newest signed statements of where the record ended: keep them elsewhere' })
  @ApiOkResponse({ type: CheckpointPageDto, description: 'The newest first; at most 1,000.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  async list(@Query(noParameters()) _none: unknown): Promise<CheckpointPageDto> {
    return { items: await this.readers.query('audit.checkpoints', undefined) };
  }
}

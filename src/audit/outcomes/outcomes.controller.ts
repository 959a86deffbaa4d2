import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { ReadersService } from '../../database/readers.service.js';
import { OrielError } from '../../errors.js';
import { scopeOf } from '../../http/front-door.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { noParameters, queryPipe } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { readOutcomes } from './outcome-body.js';
import { OUTCOMES_BODY, OutcomesAnswer, QualityDto, QualityOptions } from './outcomes.dto.js';
import { OutcomesService } from './outcomes.service.js';
import { MAX_ITEMS, type QualityAnswer, type QualityQuery } from './quality-queries.js';
import { ServedModels } from './served-models.js';

/** What became of predictions, and how good they were by it. */
@ApiTags('outcomes')
@Controller({ version: '1' })
export class OutcomesController {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly outcomes: OutcomesService,
    private readonly readers: ReadersService,
    private readonly served: ServedModels,
  ) {}

  @InArea('outcomes')
  @Post('outcomes')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Tell what turned out to be true',
    description:
      'Outcomes are beside the record of their predictions, and what was told stays: another value for the same prediction holds from then on, the same again is a duplicate. Of an array, each is taken or rejected by itself, also what is no outcome by its form.',
  })
  @ApiBody({ schema: OUTCOMES_BODY })
  @ApiOkResponse({
    type: OutcomesAnswer,
    description: 'What became of each; all that was accepted is on disk.',
  })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(422, 'The body is neither an array nor one outcome by its form: all that is wrong is named.')
  tell(@Req() request: FastifyRequest, @Query(noParameters()) _none: unknown): Promise<OutcomesAnswer> {
    const told = readOutcomes(request.body, this.settings.outcomes);
    const bytes = request.context?.body?.text.length ?? 0;
    return this.outcomes.put(told, bytes, Date.now(), scopeOf(request).models);
  }

  @InArea('quality')
  @Get('models/:model/quality')
  @ApiOperation({ summary: 'How good the predictions of a model were, by their outcomes' })
  @ApiParam({ name: 'model', type: String })
  @ApiOkResponse({
    type: QualityDto,
    description: 'An item for each version, and bucket of time if asked for.',
  })
  @ApiProblem(400, 'Some parameters are wrong or unknown (all are named), or there would be too many items.')
  @ApiProblem(404, 'There is no model of this name, and none is on record.')
  async quality(
    @Param('model') model: string,
    @Query(queryPipe()) { by: _by, ...options }: QualityOptions,
  ): Promise<QualityDto> {
    const query: QualityQuery = { model, ...options };
    const { known, items, tooMany } = await this.readers.query<QualityAnswer>('outcomes.quality', query);
    if (!known && !this.served.has(model))
      throw new OrielError('notFound', 'unknown-model', 'There is no such model, and none is on record.');
    if (tooMany) throw tooManyItems();
    return { items };
  }
}

function tooManyItems(): OrielError {
  return new OrielError('badParameter', 'too-many-items', 'There would be too many items.', {
    faults: [
      {
        pointer: '/every',
        detail: `makes more than ${MAX_ITEMS} items: ask for longer buckets, or for less time by from and to`,
      },
    ],
  });
}

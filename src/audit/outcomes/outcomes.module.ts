import { Module } from '@nestjs/common';
import { OutcomesController } from './outcomes.controller.js';
import { OutcomesService } from './outcomes.service.js';
import { ServedModels } from './served-models.js';

/** Outcomes of predictions: told, put on record, and what they say of the models. */
@Module({
  controllers: [OutcomesController],
  providers: [OutcomesService, { provide: ServedModels, useFactory: () => new ServedModels() }],
  exports: [ServedModels],
})
export class OutcomesModule {}

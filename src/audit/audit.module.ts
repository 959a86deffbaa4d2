import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { ExportController } from './export/export.controller.js';
import { VerificationController } from './verification/verification.controller.js';
import { ErasuresController } from './retention/erasures.controller.js';
import { HoldsController } from './retention/holds.controller.js';
import { RetentionService } from './retention/retention.service.js';
import { SettledPast } from './settled-past.js';
import { VerificationService } from './verification/verification.service.js';
import { RecorderService } from './recorder.service.js';

/** The record of requests: written through the journal, read through the readers. */
@Module({
  controllers: [
    AuditController,
    HoldsController,
    ErasuresController,
    ExportController,
    VerificationController,
  ],
  providers: [RecorderService, RetentionService, SettledPast, VerificationService],
  exports: [RecorderService, RetentionService, VerificationService],
})
export class AuditModule {}

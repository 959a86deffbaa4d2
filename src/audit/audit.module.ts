import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { VerificationController } from './verification/verification.controller.js';
import { RecorderService } from './recorder.service.js';

/** The record of requests: written through the journal, read through the readers. */
@Module({
  controllers: [AuditController, VerificationController],
  providers: [RecorderService],
  exports: [RecorderService],
})
export class AuditModule {}

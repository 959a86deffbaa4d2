import { Module } from '@nestjs/common';
import { DoorkeeperService } from './doorkeeper.service.js';
import { TokensService } from './jwt/tokens.service.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

/** Who may do what: decided at the front door, before anything of a body is read. */
@Module({
  controllers: [KeysController],
  providers: [KeysService, TokensService, DoorkeeperService],
  exports: [DoorkeeperService],
})
export class AccessModule {}

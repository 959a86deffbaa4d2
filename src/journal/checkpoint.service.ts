import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { tellCheckpoint } from './checkpoint-log.js';
import type { Checkpoint } from './checkpoints.js';
import { JournalService } from './journal.service.js';
import type { PublicKey } from './signing-key.js';

/** Has the end of the chain signed once in a while, and says it in the log, where no editor of the database reaches it. */
@Injectable()
export class CheckpointService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Journal');
  private timer: NodeJS.Timeout | undefined;
  /** The newest that this process has signed. */
  last: Checkpoint | null = null;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly journal: JournalService,
  ) {}

  onApplicationBootstrap(): void {
    const { checkpointEvery } = this.settings;
    if (checkpointEvery > 0) this.timer = setInterval(() => this.tick(), checkpointEvery).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** @returns null when nothing was put on record since the last one */
  async checkpoint(): Promise<Checkpoint | null> {
    const checkpoint = await this.journal.ask<Checkpoint | null>('checkpoint');
    tellCheckpoint(this.log, checkpoint);
    this.last = checkpoint ?? this.last;
    return checkpoint;
  }

  key(): Promise<PublicKey> {
    return this.journal.ask<PublicKey>('key');
  }

  private tick(): void {
    this.checkpoint().catch((error: unknown) =>
      this.log.error({ msg: 'the end of the record could not be signed', err: error }),
    );
  }
}

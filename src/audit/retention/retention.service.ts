import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { OrielError } from '../../errors.js';
import { JournalService } from '../../journal/journal.service.js';
import {
  RETENTION_STEP,
  type RemovalReason,
  type RemovedCount,
  type RetentionLimits,
  type StepAnswer,
} from './messages.js';
import { ageInterval } from './retention.js';
import type { EntryResult } from './retention-entries.js';

/** How often caps are looked at, and what waits for a reader to end or for the disk; ages may be looked at more often. */
const INTERVAL = 60_000;
/** Milliseconds between two steps, in which the journal takes records; and before a step is tried again that a reader held up. */
const PAUSE = 10;
const RETRY = 1000;
/** About how many bytes what is asked of retention takes while it waits for the disk. */
const ENTRY_BYTES = 1024;

function limitsOf(settings: Settings): RetentionLimits {
  const { auditKeep, auditKeepPayloads, auditMaxSize, auditMaxPayloads } = settings;
  return {
    keep: auditKeep,
    keepPayloads: auditKeepPayloads,
    maxSize: auditMaxSize,
    maxPayloads: auditMaxPayloads,
  };
}

/** Asks the journal thread for steps of retention, one after the other while there is work, else once in a while. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Retention');
  private readonly limits: RetentionLimits;
  private readonly interval: number;
  private timer: NodeJS.Timeout | undefined;
  private stepping = false;
  private again = false;
  private stopped = false;
  private stuck = false;
  /** Records, and payloads, that were removed since the start, and why. */
  readonly removed: Readonly<Record<RemovalReason, { records: number; payloads: number }>> = {
    age: { records: 0, payloads: 0 },
    size: { records: 0, payloads: 0 },
    request: { records: 0, payloads: 0 },
  };

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly journal: JournalService,
  ) {
    this.limits = limitsOf(settings);
    this.interval = Math.min(INTERVAL, ageInterval(this.limits));
  }

  /** Whether the record is above its cap, and all that is left of it is held. */
  get isStuck(): boolean {
    return this.stuck;
  }

  onApplicationBootstrap(): void {
    this.wake();
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Puts something that is asked of retention on record, and has it done soon. @throws OrielError `journal-full`, `not-recorded` (503) */
  ask(kind: string, payload: object): Promise<EntryResult> {
    return new Promise((resolve, reject) => {
      const bytes = ENTRY_BYTES + JSON.stringify(payload).length;
      const taken = this.journal.append(kind, payload, bytes, (error, result) => {
        if (error) return reject(unavailable('not-recorded', 'It could not be put on record.', error));
        this.wake();
        resolve(result as EntryResult);
      });
      if (!taken) reject(unavailable('journal-full', 'Too many records wait for the disk.'));
    });
  }

  /** Steps now, or again right after the step that is under way. */
  wake(): void {
    this.again = true;
    if (!this.stepping) this.plan(0);
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.step().catch((error: unknown) =>
        this.log.error({ msg: 'a step could not be asked for', err: error }),
      );
    }, wait);
    this.timer.unref();
  }

  private async step(): Promise<void> {
    this.stepping = true;
    this.again = false;
    let wait = this.interval;
    try {
      const { more, waits, stuck, removed } = await this.journal.ask<StepAnswer>(RETENTION_STEP, this.limits);
      if (more) wait = PAUSE;
      else if (waits) wait = RETRY;
      if (removed) this.count(removed);
      this.tell(stuck);
    } catch (error) {
      this.log.error({ msg: 'nothing could be removed from the record', err: error });
    } finally {
      this.stepping = false;
    }
    this.plan(this.wanted() ? 0 : wait);
  }

  /** Whether work came while a step was under way. */
  private wanted(): boolean {
    return this.again;
  }

  private count({ reason, records, payloads }: RemovedCount): void {
    this.removed[reason].records += records;
    this.removed[reason].payloads += payloads;
  }

  private tell(stuck: boolean): void {
    if (stuck && !this.stuck)
      this.log.warn(
        'the record is above its cap (ORIEL_AUDIT_MAX_SIZE or _PAYLOADS), and all that is left is held',
      );
    this.stuck = stuck;
  }
}

function unavailable(code: string, detail: string, cause?: unknown): OrielError {
  return new OrielError('unavailable', code, detail, { retryAfter: 1, cause });
}

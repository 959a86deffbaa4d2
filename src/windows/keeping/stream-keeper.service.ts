import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { JournalService } from '../../journal/journal.service.js';
import {
  STREAM_HOUSEKEEPING,
  STREAM_TICK,
  STREAM_WAKE,
  type StreamFigures,
  type StreamHousekeeping,
  type StreamHousekeepingAsk,
} from '../messages.js';

/** Most milliseconds between two looks for a tick that is due, and for something to tidy up. */
const LOOK = 1000;
/** Milliseconds between two steps of housekeeping, in which the journal takes records. */
const PAUSE = 10;
/** About how many bytes a tick takes while it waits for the disk. */
const TICK_BYTES = 64;

/** Tells the streams what time it is where one waits for it, and has the journal thread tidy them up, in short steps. */
@Injectable()
export class StreamKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Streams');
  private readonly timers: Record<'tick' | 'keep', NodeJS.Timeout | undefined> = {
    tick: undefined,
    keep: undefined,
  };
  private stopped = false;
  /** What the journal thread said of the streams when it was last asked to tidy up, at most some seconds ago. */
  figures: readonly StreamFigures[] = [];
  private figuresAt = 0;
  /** What was last said of each kind of trouble, which is said once. */
  private readonly said = new Map<string, string>();

  constructor(private readonly journal: JournalService) {}

  onApplicationBootstrap(): void {
    this.plan('tick', 0);
    this.plan('keep', LOOK);
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }

  private plan(what: 'tick' | 'keep', wait: number): void {
    if (this.stopped) return;
    const work = what === 'tick' ? this.tick : this.keep;
    this.timers[what] = setTimeout(() => {
      work().then(
        (next) => {
          this.tell(what, undefined);
          this.plan(what, next);
        },
        (error: unknown) => {
          this.tell(what, error);
          this.plan(what, LOOK);
        },
      );
    }, wait);
    this.timers[what].unref();
  }

  /** @returns milliseconds until the next look */
  private readonly tick = async (): Promise<number> => {
    const wake = await this.journal.ask<number | null>(STREAM_WAKE);
    const now = Date.now();
    if (wake === null) return LOOK;
    if (wake > now) return Math.min(LOOK, wake - now);
    await this.append(now);
    return PAUSE;
  };

  private readonly keep = async (): Promise<number> => {
    const now = Date.now();
    const asked: StreamHousekeepingAsk = { now, figures: Math.abs(now - this.figuresAt) >= LOOK };
    const { more, broken, figures } = await this.journal.ask<StreamHousekeeping>(STREAM_HOUSEKEEPING, asked);
    if (figures) {
      this.figures = figures;
      this.figuresAt = now;
    }
    for (const { name, reason } of broken) this.tell(`stream ${name}`, new Error(reason));
    return more ? PAUSE : LOOK;
  };

  private append(now: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const taken = this.journal.append(STREAM_TICK, { now }, TICK_BYTES, (error) =>
        error ? reject(error) : resolve(),
      );
      if (!taken) resolve(); // too much waits for the disk already: at the next look
    });
  }

  private tell(what: string, error: unknown): void {
    const reason = error === undefined ? undefined : (error as Error).message;
    if (reason === this.said.get(what)) return;
    if (reason === undefined) this.said.delete(what);
    else {
      this.said.set(what, reason);
      this.log.error({ msg: MESSAGES[what] ?? 'a stream cannot be restored', reason });
    }
  }
}

const MESSAGES: Readonly<Record<string, string>> = {
  tick: 'the streams could not be told what time it is',
  keep: 'the streams could not be tidied up',
};

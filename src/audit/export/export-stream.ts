import { Readable } from 'node:stream';
import type { Lease } from '../../database/long-reads.service.js';
import { OrielError } from '../../errors.js';

/** Bytes that wait for a client before the thread is left alone. */
const AHEAD = 1024 * 1024;

/** The bytes of an export, read from its thread as its client takes them; its end, whoever makes it, gives the thread back. */
export class ExportStream extends Readable {
  private next: Promise<Uint8Array | null> | undefined;
  private stalled: NodeJS.Timeout | undefined;

  /** @param patience milliseconds that a client may take nothing */
  constructor(
    private readonly lease: Lease,
    private readonly patience: number,
  ) {
    super({ highWaterMark: AHEAD });
  }

  override _read(): void {
    clearTimeout(this.stalled);
    this.more().then(
      (bytes) => {
        if (this.destroyed) return;
        if (!this.push(bytes) && bytes) this.wait();
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.stalled);
    void this.giveBack();
    done(error);
  }

  /** What the thread is working at is its last for this client. A thread that died fails all of it, and has nothing to close. */
  private async giveBack(): Promise<void> {
    await this.next?.catch(() => null);
    await this.lease.call('export.close').catch(() => null);
    this.lease.release();
  }

  /** The next bytes that are not none. While they are written, the thread makes those after them. */
  private async more(): Promise<Uint8Array | null> {
    for (;;) {
      const bytes = await (this.next ?? this.ask());
      const over = bytes === null || this.destroyed;
      this.next = over ? undefined : this.ask();
      if (over) return null;
      if (bytes.length > 0) return bytes;
    }
  }

  private ask(): Promise<Uint8Array | null> {
    const next = this.lease.call<Uint8Array | null>('export.next');
    next.catch(() => null); // which whoever waits for it is told
    return next;
  }

  private wait(): void {
    this.stalled = setTimeout(() => {
      this.destroy(
        new OrielError('requestTimeout', 'client-stalled', 'The client takes nothing of its export.'),
      );
    }, this.patience).unref();
  }
}

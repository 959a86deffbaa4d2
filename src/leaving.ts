/** How the main thread ends: by a signal, or by an error that nobody caught. */
import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RecorderService } from './audit/recorder.service.js';
import type { Settings } from './config/settings.js';
import { goodbye } from './goodbye.js';
import type { HttpServer } from './http/server.js';
import { JournalService } from './journal/journal.service.js';
import type { JsonLogger } from './logging/json-logger.js';
import { LoaderService } from './prediction/loader.service.js';

/** Exit code after an error that nobody caught: EX_SOFTWARE of sysexits.h. */
export const FAILED = 70;
/** Of a process that a signal ended before it served anything: what a shell reports of one that has no handler. */
const ENDED_BY: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };
/** The same signal twice within this time is one order: a terminal's interrupt reaches a program and the `npm` that passes it on. */
const ONE_ORDER_MS = 100;

/**
 * - SIGTERM and SIGINT: readiness fails, requests in flight end, those that do not end in time are cut off, the journal is flushed, exit 0.
 *   Another one leaves at once.
 * - SIGHUP: where the process belongs to a terminal, which is gone then, as SIGTERM; else the models directory is looked at.
 * - SIGUSR1 and SIGUSR2 do nothing: Node would open a debugger by the first, and the second would end the process.
 * - An error that nobody caught: it is logged, no request is taken any more, the journal is flushed, exit 70.
 */
export class Leaving {
  private app: NestFastifyApplication | undefined;
  private orderedAt: number | undefined;
  private failed = false;

  constructor(
    private readonly settings: Settings,
    private readonly server: HttpServer,
    private readonly log: JsonLogger,
  ) {}

  /** From now on signals and errors are dealt with. */
  begin(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.ordered(signal));
    process.on('SIGHUP', () => this.hangUp());
    for (const signal of ['SIGUSR1', 'SIGUSR2'] as const)
      process.on(signal, () => this.log.log(`${signal} means nothing to Oriel; it goes on`, 'Process'));
    process.on('uncaughtException', (error, origin) => this.fail(error, origin));
    // Who started the server need not listen to what it says, and a command's way of leaving then is none for a server.
    for (const stream of [process.stdout, process.stderr])
      stream.removeAllListeners('error').on('error', () => undefined);
  }

  /** There is something to end in order now. */
  serves(app: NestFastifyApplication): void {
    this.app = app;
  }

  private ordered(signal: string): void {
    const now = performance.now();
    if (this.orderedAt !== undefined) {
      if (now - this.orderedAt < ONE_ORDER_MS) return;
      process.exit(1);
    }
    this.orderedAt = now;
    this.log.log(`${signal}: shutting down`, 'Shutdown');
    const { app } = this;
    if (!app) process.exit(ENDED_BY[signal] ?? 1);
    this.leave(app).catch((error: unknown) => {
      this.log.error({ msg: 'the shutdown failed', err: error }, 'Shutdown');
      process.exit(1);
    });
  }

  private async leave(app: NestFastifyApplication): Promise<void> {
    this.server.drain.start();
    await pause(this.settings.shutdownDelay);
    const cutting = setTimeout(() => {
      const cut = this.server.cutConnections();
      this.log.error(`${cut} connections were cut off (ORIEL_SHUTDOWN_TIMEOUT)`, 'Shutdown');
      this.exitIn(this.settings.flushTimeout, 1);
    }, this.settings.shutdownTimeout);
    await app.close();
    clearTimeout(cutting);
    this.sayGoodbye(app);
    process.exit(this.failed ? FAILED : 0);
  }

  private hangUp(): void {
    if (process.stderr.isTTY || process.stdout.isTTY) return this.ordered('SIGHUP');
    if (!this.app) return this.log.log('SIGHUP means nothing to a server that starts; it goes on', 'Process');
    this.log.log('SIGHUP: looking at the models directory', 'Process');
    this.app
      .get(LoaderService)
      .look()
      .catch((error: unknown) =>
        this.log.error({ msg: 'the models directory cannot be read', err: error }, 'Process'),
      );
  }

  /** What state the process is in nobody knows, so it takes nothing more; but what it has is brought to the disk. */
  private fail(error: unknown, origin: string): void {
    this.log.fatal({ msg: 'an error that nobody caught ends the server', origin, err: error }, 'Process');
    if (this.failed) return;
    this.failed = true;
    const { app, server, settings } = this;
    if (!app) process.exit(FAILED);
    server.drain.refuse();
    setTimeout(() => server.cutConnections(), settings.flushTimeout / 2).unref();
    this.exitIn(settings.flushTimeout, FAILED);
    app.close().then(
      () => {
        this.sayGoodbye(app);
        process.exit(FAILED);
      },
      (failure: unknown) => {
        this.log.error({ msg: 'the shutdown failed', err: failure }, 'Shutdown');
        process.exit(FAILED);
      },
    );
  }

  private exitIn(ms: number, code: number): void {
    setTimeout(() => {
      this.log.error('the threads did not end in time (ORIEL_FLUSH_TIMEOUT)', 'Shutdown');
      process.exit(code);
    }, ms).unref();
  }

  private sayGoodbye(app: NestFastifyApplication): void {
    const { ok, ...said } = goodbye(app.get(JournalService), app.get(RecorderService));
    if (ok) this.log.log(said, 'Shutdown');
    else this.log.error(said, 'Shutdown');
  }
}

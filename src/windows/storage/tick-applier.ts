import type { Applier } from '../../journal/messages.js';
import type { LoadedStream } from './loaded-stream.js';
import type { StreamLog } from './log.js';
import type { ResultWriter } from './result-writer.js';
import type { StreamRegistry } from './stream-registry.js';

/** Tells streams that wait for it what time it is. Only a tick that changes something is in the log. */
export class TickApplier implements Applier {
  constructor(
    private readonly registry: StreamRegistry,
    private readonly log: StreamLog,
    private readonly results: ResultWriter,
  ) {}

  apply(payload: unknown): undefined {
    const { now } = payload as { now: number };
    for (const stream of this.registry.all()) {
      const { nextWakeAt } = stream.engine;
      if (nextWakeAt !== null && nextWakeAt <= now) this.tick(stream, now);
    }
    return undefined;
  }

  rolledBack(): void {
    this.registry.forget();
  }

  private tick(stream: LoadedStream, now: number): void {
    if (!stream.engine.tick(now, this.results.sinkOf(stream, now))) return;
    this.log.append(stream, 'tick', now, [String(now)]);
    this.registry.save(stream);
  }
}

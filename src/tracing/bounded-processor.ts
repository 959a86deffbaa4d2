import { Logger } from '@nestjs/common';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Keeps no more spans than a bound, those that are on their way included, and counts what becomes of them. */
export class BoundedProcessor implements SpanProcessor {
  readonly figures = { waiting: 0, sent: 0, failed: 0, dropped: 0 };
  private readonly log = new Logger('Tracing');
  private readonly inner: SpanProcessor;
  private failing = false;

  /** @param inner makes what collects spans for an exporter, and holds no more than `most` itself */
  constructor(
    exporter: SpanExporter,
    private readonly most: number,
    inner: (exporter: SpanExporter) => SpanProcessor,
  ) {
    this.inner = inner({
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          this.note(spans.length, result.error);
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    });
  }

  onStart(): void {
    // Only what has ended is told.
  }

  onEnd(span: ReadableSpan): void {
    if (this.figures.waiting >= this.most) {
      this.figures.dropped++;
      return;
    }
    this.figures.waiting++;
    this.inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.inner.shutdown();
  }

  /** @param error why they could not be sent; a failure always has one */
  private note(spans: number, error: Error | undefined): void {
    const sent = error === undefined;
    this.figures.waiting -= spans;
    this.figures[sent ? 'sent' : 'failed'] += spans;
    if (this.failing === !sent) return;
    this.failing = !sent;
    if (sent) this.log.log('the collector takes traces again');
    else this.log.warn({ msg: 'traces cannot be sent to the collector', reason: error.message });
  }
}

import type { Fault } from '../../errors.js';
import type { DecodedBody } from '../events/bodies.js';
import type { StreamEventsResult } from '../messages.js';
import { shownWatermark } from '../shown.js';

export interface IngestAnswer {
  accepted: number;
  duplicates: number;
  late: { events: number; windows: number };
  future: number;
  rejected: { index: number; errors: readonly Fault[] }[];
  watermark: string | null;
}

type Taken = Extract<StreamEventsResult, { accepted: number }>;

/** What became of the elements of one request, summed up over the entries that they were cut into. */
export class Totals {
  readonly lines: string[] = [];
  /** Of each line, its index in the request. */
  readonly indexes: number[] = [];
  readonly rejected: { index: number; errors: readonly Fault[] }[] = [];
  private readonly sums = { accepted: 0, duplicates: 0, events: 0, windows: 0, future: 0 };
  private watermark = Number.NEGATIVE_INFINITY;

  /** How many there were, rejected ones too. */
  elements: number;

  constructor({ elements }: DecodedBody) {
    this.elements = elements.length;
    for (const element of elements) {
      if ('errors' in element) {
        this.rejected.push({ index: element.index, errors: element.errors });
        continue;
      }
      this.lines.push(element.line);
      this.indexes.push(element.index);
    }
  }

  add({ accepted, duplicates, late, future, rejected, watermark }: Taken): void {
    this.sums.accepted += accepted;
    this.sums.duplicates += duplicates;
    this.sums.events += late.events;
    this.sums.windows += late.windows;
    this.sums.future += future;
    for (const one of rejected) this.rejected.push(one);
    this.watermark = watermark;
  }

  /** Adds what became of the elements that came after these. */
  follow(next: Totals): void {
    for (const sum of Object.keys(this.sums) as (keyof typeof this.sums)[]) this.sums[sum] += next.sums[sum];
    for (const { index, errors } of next.rejected)
      this.rejected.push({ index: this.elements + index, errors });
    this.elements += next.elements;
    this.watermark = next.watermark;
  }

  get answer(): IngestAnswer {
    const { accepted, duplicates, events, windows, future } = this.sums;
    return {
      accepted,
      duplicates,
      late: { events, windows },
      future,
      rejected: this.rejected.sort((a, b) => a.index - b.index),
      watermark: shownWatermark(this.watermark),
    };
  }
}

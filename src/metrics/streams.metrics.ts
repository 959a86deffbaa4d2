import { Injectable } from '@nestjs/common';
import { StreamKeeper } from '../windows/keeping/stream-keeper.service.js';
import { LiveService } from '../windows/live/live.service.js';
import type { StreamFigures } from '../windows/messages.js';
import { counter, gauge, type Family, type Sample } from './family.js';
import type { Bounds, MetricSource } from './source.js';

type Count = Exclude<keyof StreamFigures, 'name'>;

const COUNTERS: readonly (readonly [count: Count, name: string, help: string])[] = [
  ['accepted', 'oriel_stream_accepted_events_total', 'Events that a stream took, late ones too.'],
  ['lateEvents', 'oriel_stream_late_events_total', 'Events that came too late for all of their windows.'],
  ['lateWindows', 'oriel_stream_late_windows_total', 'Windows that events came too late for, each counted.'],
  ['duplicates', 'oriel_stream_duplicate_events_total', 'Events that had come before.'],
  ['rejected', 'oriel_stream_rejected_events_total', 'Events that could not be taken.'],
  ['future', 'oriel_stream_future_events_total', 'Events too far ahead of their receipt to move the clock.'],
  ['unassigned', 'oriel_stream_unassigned_events_total', 'Events that no window is for.'],
];

const GAUGES: readonly (readonly [count: Count, name: string, help: string])[] = [
  ['held', 'oriel_stream_held_windows', 'Windows that are not final, and slices that they share.'],
  ['keys', 'oriel_stream_keys', 'Keys with a window that is not final.'],
  ['sources', 'oriel_stream_sources', 'Sources whose clocks are known.'],
  ['alarms', 'oriel_stream_alarms', 'Whether too many events come late now.'],
];

/** Streams: a bounded number each for itself, the others together under `others`; as they were some seconds ago at most. */
@Injectable()
export class StreamMetrics implements MetricSource {
  constructor(
    private readonly keeper: StreamKeeper,
    private readonly live: LiveService,
  ) {}

  families(): Family[] {
    const { figures } = this.keeper;
    const samples = (count: Count): Sample[] =>
      figures.map((one) => ({ labels: { stream: labelOf(one) }, value: one[count] }));
    return [
      ...COUNTERS.map(([count, name, help]) => counter(name, help, samples(count))),
      ...GAUGES.map(([count, name, help]) => gauge(name, help, samples(count))),
      gauge(
        'oriel_stream_watermark_lag_seconds',
        'How far the clock of a stream is behind this machine; nothing before its first event and after its end.',
        figures
          .filter(({ watermark }) => Number.isFinite(watermark))
          .map((one) => ({ labels: { stream: labelOf(one) }, value: (Date.now() - one.watermark) / 1000 })),
      ),
      gauge('oriel_live_readers', 'Readers of live windows.', this.live.count),
    ];
  }

  bounds(): Bounds {
    return { liveReaders: { used: this.live.count } };
  }
}

/** No stream is called so: a name begins with a letter or a digit. */
function labelOf({ name }: StreamFigures): string {
  return name === '' ? '_others' : name;
}

import type { RecorderService } from './audit/recorder.service.js';
import type { JournalService } from './journal/journal.service.js';

/** What became of the records, once the journal is closed: the last line of the log. */
export function goodbye(
  { lastFault }: Pick<JournalService, 'lastFault'>,
  { lost, refused }: Pick<RecorderService, 'lost' | 'refused'>,
): { ok: boolean; msg: string; reason?: string } {
  if (lastFault === null && lost === 0) return { ok: true, msg: 'everything is on disk; goodbye' };
  const parts = [
    lost > 0
      ? `${lost} records of answers that were given never reached the disk`
      : 'no given answer is lost',
    ...(refused > 0 ? [`${refused} answers were not given for want of a record`] : []),
  ];
  const msg = `${parts.join(', ')}; goodbye`;
  if (lastFault === null) return { ok: false, msg };
  return { ok: false, msg: `the journal could not write at the end: ${msg}`, reason: lastFault };
}

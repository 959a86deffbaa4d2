import { HealthIndicatorService } from '@nestjs/terminus';
import { AuditHealth } from './audit.health.js';
import type { CheckpointService } from '../journal/checkpoint.service.js';
import { JournalFigures } from '../journal/journal-figures.js';
import type { JournalService } from '../journal/journal.service.js';
import type { RecorderService } from './recorder.service.js';
import type { VerificationService } from './verification/verification.service.js';

const COUNTS = { lost: 0, refused: 0, buffered: 0 };

function checked(counts: typeof COUNTS, last: VerificationService['last'] = null): unknown {
  return new AuditHealth(
    new HealthIndicatorService(),
    counts as RecorderService,
    { figures: new JournalFigures() } as JournalService,
    { last: null } as CheckpointService,
    { last } as VerificationService,
  ).check();
}

test.each([
  ['up', { lost: 0, refused: 0, buffered: 0 }],
  ['up', { lost: 0, refused: 3, buffered: 512 }],
  ['degraded', { lost: 1, refused: 0, buffered: 0 }],
])('is %s with %j', (status, counts) => {
  expect(checked(counts)).toMatchObject({ audit: { status, ...counts, seq: null } });
});

test('is degraded while the last verification found the record changed', () => {
  const firstBad = { seq: 3, id: null, reason: 'changed' };
  const last = { verdict: { valid: false, records: 2, firstBad }, at: 0 };
  expect(checked(COUNTS, last as never)).toMatchObject({
    audit: { status: 'degraded', verified: { valid: false, firstBad, time: '1970-01-01T00:00:00.000Z' } },
  });
});

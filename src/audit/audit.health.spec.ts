import { HealthIndicatorService } from '@nestjs/terminus';
import { AuditHealth } from './audit.health.js';
import type { RecorderService } from './recorder.service.js';

test.each([
  ['up', { lost: 0, refused: 0, buffered: 0 }],
  ['up', { lost: 0, refused: 3, buffered: 512 }],
  ['degraded', { lost: 1, refused: 0, buffered: 0 }],
])('is %s with %j', (status, counts) => {
  const health = new AuditHealth(new HealthIndicatorService(), counts as RecorderService);
  expect(health.check()).toEqual({ audit: { status, ...counts } });
});

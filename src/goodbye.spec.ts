import { goodbye } from './goodbye.js';

test.each([
  [null, 0, 0, true, 'everything is on disk; goodbye'],
  [null, 0, 3, true, 'everything is on disk; goodbye'],
  [null, 2, 0, false, '2 records of answers that were given never reached the disk; goodbye'],
  [
    'disk full', 0, 3, false,
    'the journal could not write at the end: no given answer is lost, 3 answers were not given for want of a record; goodbye',
  ],
  [
    'disk full', 2, 0, false,
    'the journal could not write at the end: 2 records of answers that were given never reached the disk; goodbye',
  ],
])('with the fault %s, %d lost and %d refused', (lastFault, lost, refused, ok, msg) => {
  const reason = lastFault === null ? {} : { reason: lastFault };
  expect(goodbye({ lastFault }, { lost, refused })).toEqual({ ok, msg, ...reason });
}); // prettier-ignore

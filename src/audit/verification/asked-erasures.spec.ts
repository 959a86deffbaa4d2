import { idAt } from '../id.js';
import { AUDIT_ERASE, AUDIT_HOLD } from '../retention/messages.js';
import { BAD, RetainedRecord } from '../retention/testing.js';
import { Verifier, type Verdict } from './verifier.js';

const NOON = Date.UTC(2026, 0, 31, 12);

describe('the table of erasures', () => {
  let on: RetainedRecord;
  beforeEach(async () => {
    on = await RetainedRecord.open();
    on.write({ at: NOON, principal: 'ann' }, { at: NOON + 1, principal: 'bob' });
  });
  afterEach(() => on.close());

  const ask = (reason: string | null = null): number => {
    on.commit([AUDIT_ERASE, { id: idAt(NOON), time: NOON, principal: 'ann', payloadsOnly: false, reason }]);
    return on.acts().at(-1)?.seq as number;
  };
  const verdict = (): Verdict => new Verifier(on.database).verify();
  const bad = (edit: string): unknown => {
    on.database.exec(`SAVEPOINT edit; ${edit}`);
    const found = verdict();
    on.database.exec('ROLLBACK TO edit; RELEASE edit');
    return found.valid
      ? 'valid'
      : [found.firstBad.seq, found.firstBad.reason.replace(/[\da-f]{8}-[\da-f-]+/, '…')];
  };

  it('says what the acts say, from the request to the end', () => {
    expect(verdict()).toMatchObject({ valid: true });
    ask();
    expect(on.acts().at(-1)).toMatchObject({ kind: 'erasureAsked', detail: { payloadsOnly: false } });
    expect(JSON.stringify(on.acts())).not.toContain('ann');
    expect(verdict()).toMatchObject({ valid: true });
    on.work();
    expect(on.acts().at(-1)).toMatchObject({ kind: 'erasureDone', detail: { erased: 1, held: 0 } });
    expect(on.database.prepare('SELECT principal, records, salt FROM audit_erasures').get()).toEqual({
      principal: null,
      records: null,
      salt: null,
    });
    expect(verdict()).toMatchObject({ valid: true, records: 1 });
  });

  it('shows who makes the server forget an erasure, or carry out another', () => {
    const seq = ask('case 7');
    for (const edit of [
      "principal = 'bob'",
      "principal = NULL, records = '[]'",
      'payloads_only = 1',
      "reason = 'case 8'",
      'reason = NULL',
      'time = time + 1',
      'salt = zeroblob(16)',
      'salt = NULL',
      "state = 'done'",
    ])
      expect([edit, bad(`UPDATE audit_erasures SET ${edit}`)]).toEqual([
        edit,
        [seq, 'the erasure … was changed'],
      ]);
    expect(bad('DELETE FROM audit_erasures')).toEqual([seq, 'the erasure … was removed']);
    const another = `INSERT INTO audit_erasures (id, time, state, payloads_only, principal, erased, held)
      VALUES ('x', ${NOON + 5}, 'running', 0, 'bob', 0, 0)`;
    expect(bad(another)).toEqual([0, 'no act on record asks for the erasure x']);
  });

  it('shows who changes what an erasure did', () => {
    on.commit([AUDIT_HOLD, { id: idAt(NOON), time: NOON, reason: 'r', filter: { route: 'nowhere' } }]);
    const seq = ask();
    on.work();
    for (const edit of ['erased = 2', 'held = 1', "state = 'running'", "reason = 'case 8'"])
      expect([edit, bad(`UPDATE audit_erasures SET ${edit}`)]).toEqual([
        edit,
        [seq, 'the erasure … was changed'],
      ]);
  });

  it('is as before when a request was rolled back', () => {
    on.commit(
      [AUDIT_ERASE, { id: idAt(NOON), time: NOON, principal: 'ann', payloadsOnly: false, reason: null }],
      BAD,
    );
    on.work();
    expect(on.count('audit_requests')).toBe(1);
    expect(verdict()).toMatchObject({ valid: true, records: 1 });
  });

  it('may hold erasures from before there were acts of them', () => {
    on.database.exec(`INSERT INTO audit_erasures (id, time, state, payloads_only, erased, held)
      VALUES ('x', ${NOON - 5}, 'done', 0, 3, 0)`);
    expect(verdict()).toMatchObject({ valid: true });
    ask();
    expect(verdict()).toMatchObject({ valid: true });
  });
});

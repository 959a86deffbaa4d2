import { Logger } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import type { Settings } from '../config/settings.js';
import type { OrielError } from '../errors.js';
import { AnswerGate } from '../http/answer-gate.js';
import type { JournalService } from '../journal/journal.service.js';
import { AuditPolicy } from './policy/policy.js';
import { DEFAULT_RULES } from './policy/rules.js';
import type { RecordTuple } from './record.js';
import { RecorderService } from './recorder.service.js';

interface Entry {
  record: RecordTuple;
  answer: (error: Error | null) => void;
}

/** A gate kept by a recorder, over a journal that takes what `takes` says and commits when the test does. */
function gateOver(audit: 'strict' | 'buffered'): {
  gate: AnswerGate;
  recorder: RecorderService;
  journal: Entry[];
  takes: { more: boolean };
  recover: () => void;
} {
  const journal: Entry[] = [];
  const takes = { more: true };
  const append: JournalService['append'] = (_kind, record, _bytes, answer) => {
    if (takes.more) journal.push({ record: record as RecordTuple, answer });
    return takes.more;
  };
  const gate = new AnswerGate();
  const settings = { audit } as unknown as Settings;
  const service = { append } as unknown as JournalService;
  const recorder = new RecorderService(settings, service, gate, new AuditPolicy(DEFAULT_RULES, 100));
  recorder.onModuleInit();
  return { gate, recorder, journal, takes, recover: () => service.onRecovery?.() };
}

const broken = {
  id: '0198c0de-0000-7000-8000-000000000001',
  status: 400,
  problem: 'malformed-request',
  source: '',
};
const FULL = new Error('the disk is full');

describe('RecorderService', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('in strict mode lets an answer leave when its record is on disk, and not before', () => {
    const { gate, journal } = gateOver('strict');
    const left: (OrielError | undefined)[] = [];
    gate.passBroken(broken, (refusal) => left.push(refusal));
    expect(left).toEqual([]);
    journal[0]!.answer(null);
    expect(left).toEqual([undefined]);
  });

  it('in strict mode refuses the answer when the record cannot be written or not even wait', () => {
    const { gate, journal, recorder, takes } = gateOver('strict');
    const codes: (string | undefined)[] = [];
    gate.passBroken(broken, (refusal) => codes.push(refusal?.code));
    journal[0]!.answer(FULL);
    takes.more = false;
    gate.passBroken(broken, (refusal) => codes.push(refusal?.code));
    expect(codes).toEqual(['not-recorded', 'journal-full']);
    expect([recorder.refused, recorder.lost]).toEqual([2, 0]);
  });

  it('in strict mode puts the answers that were not given on record when the disk is back', () => {
    const { gate, journal, recorder } = gateOver('strict');
    gate.passBroken(broken, () => undefined);
    gate.passBroken(broken, () => undefined);
    journal[0]!.answer(FULL);
    journal[1]!.answer(FULL);
    gate.passBroken(broken, () => undefined);
    journal[2]!.answer(null);
    const told = journal[3]!.record;
    expect([told[5], told[6], told.at(-1)]).toEqual(['lost', 'not-recorded', 2]);
    journal[3]!.answer(null);
    expect(journal).toHaveLength(4);
    expect(recorder.refused).toBe(2);
  });

  it.each(['the journal writes again', 'the server leaves'])('tells a loss when %s', (when) => {
    const { gate, journal, recorder, recover } = gateOver('buffered');
    gate.passBroken(broken, () => undefined);
    journal[0]!.answer(FULL);
    expect(journal).toHaveLength(1);
    if (when === 'the server leaves') recorder.onApplicationShutdown();
    else recover();
    expect(journal[1]!.record.slice(5, 7)).toEqual(['lost', 'records-lost']);
    expect(journal[1]!.record.at(-1)).toBe(1);
  });

  it('in buffered mode lets answers leave at once and puts the loss on record when the disk is back', () => {
    const { gate, recorder, journal, takes } = gateOver('buffered');
    let left = 0;
    const pass = (): void => gate.passBroken(broken, (refusal) => (left += refusal ? 0 : 1));
    pass();
    pass();
    takes.more = false;
    pass();
    takes.more = true;
    expect(left).toBe(3);

    journal[0]!.answer(FULL);
    expect(recorder.lost).toBe(2);
    journal[1]!.answer(null); // the disk is back
    expect(journal[2]!.record.at(-1)).toBe(2);
    journal[2]!.answer(FULL); // and gone again, with the record of the loss
    pass();
    journal[3]!.answer(null);
    expect(journal[4]!.record.at(-1)).toBe(2);
    journal[4]!.answer(null);
    pass();
    journal[5]!.answer(null);
    expect(journal).toHaveLength(6); // told once
    expect(recorder.lost).toBe(2);
  });

  it('does not hold back what the policy leaves out', () => {
    const { gate, journal } = gateOver('strict');
    let left = false;
    gate.pass({ url: '/health/live', is404: true } as never, {} as never, () => (left = true));
    expect(left).toBe(true);
    expect(journal).toEqual([]);
  });

  it('knows since when a record is still to come: of what is under way, and of a loss that is not told', () => {
    const { gate, journal, recorder } = gateOver('buffered');
    const before = Date.now();
    const arrival = parseInt(broken.id.replace('-', '').slice(0, 12), 16);
    expect(recorder.unsettledSince).toBeNull();
    gate.passBroken(broken, () => undefined);
    expect(recorder.unsettledSince).toBe(arrival);
    journal.shift()!.answer(FULL);
    const since = recorder.unsettledSince!;
    expect(since).toBeGreaterThanOrEqual(before); // when it was lost, which is where its record will be
    gate.passBroken({ ...broken, id: uuidv7() }, () => undefined);
    journal.shift()!.answer(null);
    expect(recorder.unsettledSince).toBe(since); // the loss is being told
    journal.shift()!.answer(null);
    expect(recorder.unsettledSince).toBeNull();
  });
});

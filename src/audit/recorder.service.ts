import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { AnswerGate, type BrokenRequest, type GateKeeper, type Passage } from '../http/answer-gate.js';
import { JournalService } from '../journal/journal.service.js';
import { timeOfId, uuidToBytes } from './id.js';
import { CpuMeter } from './cpu-meter.js';
import { LossLedger } from './loss-ledger.js';
import { AskedRequest } from './asked-request.js';
import { AuditPolicy } from './policy/policy.js';
import { REDACTED_JSON } from './policy/redaction.js';
import { AUDIT_REQUEST, type RecordTuple } from './record.js';
import { brokenRecord, lossRecord, sizeOf, toRecord } from './to-record.js';

/** Puts every answer on record before it leaves (`strict`), or as it leaves (`buffered`). */
@Injectable()
export class RecorderService implements GateKeeper, OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('Audit');
  private readonly losses = new LossLedger();
  private readonly refusals = new LossLedger();
  /** The ids of the records that are on their way to the disk. */
  private readonly underWay = new Set<string>();
  private readonly meter: CpuMeter;
  /** Records of which a payload was cut at its limit, or not kept since it was too long to take values out of it. */
  readonly shortened = { cut: 0, dropped: 0 };

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly journal: JournalService,
    private readonly gate: AnswerGate,
    private readonly policy: AuditPolicy,
  ) {
    this.meter = new CpuMeter(settings.cpuPrice, cpuOfProcess, () => performance.now());
  }

  onModuleInit(): void {
    this.gate.keep(this);
    this.journal.onRecovery = (): void => this.tell();
  }

  /** The journal is still open: what it could not take so far has a last chance. */
  onApplicationShutdown(): void {
    this.tell();
  }

  /** Records of given answers that never reached the disk, since the start. */
  get lost(): number {
    return this.losses.total;
  }

  /** Answers that were not given because their record could not be written, since the start. */
  get refused(): number {
    return this.refusals.total;
  }

  /** Bytes of records that wait for the disk. */
  get buffered(): number {
    return this.journal.waiting;
  }

  /** No record of what arrived before will come any more, in epoch milliseconds; null when none is under way. What is in flight is not known here. */
  get unsettledSince(): number | null {
    let oldest: string | null = null;
    for (const id of this.underWay) if (oldest === null || id < oldest) oldest = id;
    const times = [oldest && timeOfId(uuidToBytes(oldest)), this.losses.since, this.refusals.since];
    const known = times.filter((time): time is number => typeof time === 'number');
    return known.length === 0 ? null : Math.min(...known);
  }

  pass(request: FastifyRequest, reply: FastifyReply, done: Passage): void {
    const keeping = this.policy.decide(new AskedRequest(request, reply));
    if (!keeping) return done();
    const cost = request.audit?.eventTime === undefined ? undefined : this.meter.next();
    const record = toRecord(request, reply, keeping, this.settings.auditRedactLimit, cost);
    this.noteShortened(record);
    this.put(record, done);
  }

  passBroken(broken: BrokenRequest, done: Passage): void {
    const record = brokenRecord(broken);
    const [, method, route, path, status, outcome] = record;
    const asked = { method, route, path: path ?? '', model: null, status, outcome, roles: [], latency: 0 };
    if (this.policy.decide(asked)) this.put(record, done);
    else done();
  }

  private noteShortened(record: RecordTuple): void {
    if (record[22] !== null) this.shortened.cut++;
    if (record[20] === REDACTED_JSON || record[21] === REDACTED_JSON) this.shortened.dropped++;
  }

  private put(record: RecordTuple, done: Passage): void {
    if (this.settings.audit === 'strict') this.putStrictly(record, done);
    else {
      this.putBuffered(record);
      done();
    }
  }

  private append(record: RecordTuple, answer: (error: Error | null) => void): boolean {
    const [id] = record;
    this.underWay.add(id);
    const taken = this.journal.append(AUDIT_REQUEST, record, sizeOf(record), (error) => {
      answer(error);
      this.underWay.delete(id);
    });
    if (!taken) this.underWay.delete(id);
    return taken;
  }

  private putStrictly(record: RecordTuple, done: Passage): void {
    const taken = this.append(record, (error) => {
      if (error) this.refuse(record, error);
      else this.tell();
      done(error ? notRecorded() : undefined);
    });
    if (taken) return;
    this.refusals.add(Date.now());
    done(journalFull());
  }

  /** A record that is not on disk is never passed over in silence. */
  private refuse([id]: RecordTuple, error: Error): void {
    this.refusals.add(Date.now());
    this.log.error({ msg: 'a record was not written, so its answer was not given', id, err: error });
  }

  private putBuffered(record: RecordTuple): void {
    const taken = this.append(record, (error) => {
      if (error) this.lose();
      else this.tell();
    });
    if (!taken) this.lose();
  }

  private lose(): void {
    if (this.losses.add(Date.now()))
      this.log.error({
        msg: 'records are being lost',
        reason: 'the journal does not keep up or cannot write',
      });
  }

  /** The disk takes records: what it did not take before becomes a record of its own. */
  private tell(): void {
    this.tellOf(this.losses, 'records-lost');
    this.tellOf(this.refusals, 'not-recorded');
  }

  private tellOf(ledger: LossLedger, problem: 'records-lost' | 'not-recorded'): void {
    const loss = ledger.take();
    if (!loss) return;
    const record = lossRecord(problem, loss);
    const taken = this.journal.append(AUDIT_REQUEST, record, sizeOf(record), (error) => {
      if (error) ledger.putBack(loss);
      else ledger.told(loss);
    });
    if (!taken) ledger.putBack(loss);
  }
}

function cpuOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function journalFull(): OrielError {
  return new OrielError('unavailable', 'journal-full', 'Too many records wait for the disk.', {
    retryAfter: 1,
  });
}

function notRecorded(): OrielError {
  return new OrielError(
    'unavailable',
    'not-recorded',
    'The answer could not be put on record, so it is not given.',
    { retryAfter: 1 },
  );
}

import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { uuidv7 } from 'uuidv7';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { AnswerGate, type BrokenRequest, type GateKeeper, type Passage } from '../http/answer-gate.js';
import { JournalService } from '../journal/journal.service.js';
import { LossLedger } from './loss-ledger.js';
import { DEFAULT_RULES, levelFor } from './policy.js';
import { AUDIT_REQUEST, type RecordTuple } from './record.js';
import { brokenRecord, lossRecord, sizeOf, toRecord } from './to-record.js';

/** Puts every answer on record before it leaves (`strict`), or as it leaves (`buffered`). */
@Injectable()
export class RecorderService implements GateKeeper, OnModuleInit {
  private readonly log = new Logger('Audit');
  private readonly losses = new LossLedger();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly journal: JournalService,
    private readonly gate: AnswerGate,
  ) {}

  onModuleInit(): void {
    this.gate.keep(this);
  }

  pass(request: FastifyRequest, reply: FastifyReply, done: Passage): void {
    const level = levelFor(DEFAULT_RULES, request.url);
    if (level === 'none') return done();
    this.put(toRecord(request, reply, level, this.settings.auditPayloadLimit), done);
  }

  passBroken(broken: BrokenRequest, done: Passage): void {
    this.put(brokenRecord(broken), done);
  }

  /** Answers that were not given because their record could not be written, since the start. */
  refused = 0;

  /** Records that never reached the disk, since the start. */
  get lost(): number {
    return this.losses.total;
  }

  private put(record: RecordTuple, done: Passage): void {
    if (this.settings.audit === 'strict') this.putStrictly(record, done);
    else {
      this.putBuffered(record);
      done();
    }
  }

  private putStrictly(record: RecordTuple, done: Passage): void {
    const taken = this.journal.append(AUDIT_REQUEST, record, sizeOf(record), (error) => {
      if (error) this.refuse(record, error);
      done(error ? notRecorded() : undefined);
    });
    if (!taken)
      done(
        new OrielError('unavailable', 'journal-full', 'Too many records wait for the disk.', {
          retryAfter: 1,
        }),
      );
  }

  /** A record that is not on disk is never passed over in silence. */
  private refuse(record: RecordTuple, error: Error): void {
    this.refused++;
    this.log.error({
      msg: 'a record was not written, so its answer was not given',
      id: record[0],
      err: error,
    });
  }

  private putBuffered(record: RecordTuple): void {
    const taken = this.journal.append(AUDIT_REQUEST, record, sizeOf(record), (error) => {
      if (error) this.lose();
      else this.tellLosses();
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

  /** The disk takes records again: what was lost meanwhile becomes a record of its own. */
  private tellLosses(): void {
    const loss = this.losses.take();
    if (!loss) return;
    const record = lossRecord(uuidv7(), loss);
    const taken = this.journal.append(AUDIT_REQUEST, record, sizeOf(record), (error) => {
      if (error) this.losses.putBack(loss);
    });
    if (!taken) this.losses.putBack(loss);
  }
}

function notRecorded(): OrielError {
  return new OrielError(
    'unavailable',
    'not-recorded',
    'The answer could not be put on record, so it is not given.',
    { retryAfter: 1 },
  );
}

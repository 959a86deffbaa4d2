import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { AuditNotes } from '../../audit/record.js';
import { OrielError } from '../../errors.js';
import type { AnswerGate } from '../../http/answer-gate.js';
import { requestTimedOut } from '../../http/broken-requests.js';
import { statusOf, toOrielError } from '../../http/problem.js';
import { openContext } from '../../http/request-context.js';
import { BulkRun, StoppedAt, type BulkParts } from './bulk-run.js';
import type { BulkSample } from './bulk-sample.js';
import type { Spool } from './spool.js';

/** Characters of an answer that may still become a problem, where a wrong record ends it. */
const HELD_BACK = 64 * 1024;
/** How long the rest of a body is read and thrown away after the answer was cut short, so that the client sees why. */
const LINGER_MS = 2000;

export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  notes: AuditNotes;
  source: Readable;
  gate: AnswerGate;
  spool: Spool;
  sample: BulkSample;
  /** Milliseconds that a client may be silent. */
  patience: number;
}

/**
 * One bulk request: its body goes through a run into the spool that its client reads. The record of it is written by its end,
 * when all is known, and the last of the answer is not sent before.
 */
export class BulkExchange {
  private readonly run: BulkRun;
  private readonly decoder = new StringDecoder('utf8');
  private readonly silence: NodeJS.Timeout;
  private begun = false;
  private length = 0;
  private begin!: () => void;

  constructor(
    private readonly exchange: Exchange,
    private readonly parts: Omit<BulkParts, 'write' | 'flow'>,
  ) {
    const { source, spool, patience } = exchange;
    this.run = new BulkRun({
      ...parts,
      write: (text) => this.write(text),
      flow: (open) => this.flow(open),
    });
    this.silence = setTimeout(() => {
      if (source.isPaused())
        this.silence.refresh(); // it is us who do not listen
      else this.run.fail(requestTimedOut());
    }, patience).unref();
    source.on('data', (chunk: Buffer) => {
      this.silence.refresh();
      this.run.push(this.decoder.write(chunk));
    });
    source.on('end', () => {
      clearTimeout(this.silence); // whatever is not here yet is ours to bring
      this.run.push(this.decoder.end());
      this.run.end();
    });
    source.on('error', (error) => this.run.fail(error));
    source.on('close', () => {
      if (!source.readableEnded) this.run.fail(gone());
    });
    spool.on('close', () => this.run.fail(gone()));
    source.resume(); // what unpacks a body begins paused
  }

  /** Settles when the answer can begin to be sent. @throws OrielError when there is none */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.begin = (): void => {
        this.begun = true;
        resolve();
      };
      this.run.finished.then(
        () => this.complete(),
        (error: unknown) => {
          clearTimeout(this.silence);
          this.note();
          if (this.begun) this.cutShort(error).catch(() => this.exchange.reply.raw.destroy());
          else this.refuse(() => reject(problemOf(error)));
        },
      );
    });
  }

  private flow(open: boolean): void {
    if (open) this.exchange.source.resume();
    else this.exchange.source.pause();
  }

  private async write(text: string): Promise<void> {
    this.length += text.length;
    await this.exchange.spool.append(text);
    if (this.begun || (this.parts.form.onError === 'stop' && this.length < HELD_BACK)) return;
    openContext(this.exchange.request, this.exchange.reply).passesLater = true;
    this.begin();
  }

  private complete(): void {
    const { request, reply, gate, spool, patience } = this.exchange;
    clearTimeout(this.silence);
    this.note();
    if (!this.begun) {
      // All of it is here already: an answer like any other, which passes the gate as it is sent.
      spool.finish();
      this.begin();
      return;
    }
    reply.raw.setTimeout(patience, () => reply.raw.destroy());
    gate.pass(request, reply, (refusal) => {
      if (refusal) reply.raw.destroy();
      else spool.finish();
    });
  }

  /** The head is sent, so the fault is told by the last line, and by an end that HTTP shows to be none. */
  private async cutShort(error: unknown): Promise<void> {
    const { request, reply, gate, spool, source } = this.exchange;
    const problem = problemOf(error);
    const context = openContext(request, reply);
    context.problem = problem.code;
    context.cutShort = statusOf(problem);
    if (!spool.destroyed && error instanceof StoppedAt) {
      // Where even the last line finds no room the answer ends without it; that it was cut short goes on record all the same.
      await spool.append(this.parts.form.error(error.line, error.reason)).catch(() => undefined);
      await endOf(source);
      await emptied(spool);
    }
    gate.pass(request, reply, () => {
      if (reply.raw.socket) reply.raw.socket.destroySoon();
      spool.destroy();
    });
  }

  /**
   * A client that sends all before it reads would never see the problem if nobody took the rest; one that goes on too long is cut off.
   * Where the connection is to be closed the rest comes first, since what is unread then takes the answer with it (RFC 9112, section 9.6).
   */
  private refuse(tell: () => void): void {
    const { source, reply } = this.exchange;
    const stays = reply.raw.shouldKeepAlive;
    if (stays) tell();
    endOf(source)
      .then(() => {
        if (!stays) tell();
        else if (!source.readableEnded && !source.destroyed) reply.raw.socket?.destroySoon();
      })
      .catch(() => reply.raw.destroy());
  }

  private note(): void {
    const { notes, sample } = this.exchange;
    notes.input = sample.input;
    notes.partial = sample.partial;
    notes.output = sample.output(this.run.answered, this.run.failed);
  }
}

function gone(): OrielError {
  return new OrielError('malformed', 'aborted', 'The client went away before its answer was complete.');
}

/** What a caller is told of an error that ended a run. */
function problemOf(error: unknown): OrielError {
  if (error instanceof StoppedAt) {
    const { line, reason } = error;
    const faults = reason.faults.map(({ pointer, detail }) => ({
      pointer,
      detail: `${detail} (line ${line})`,
    }));
    const detail = `Line ${line} of the body cannot be answered: ${reason.message}`;
    return new OrielError(reason.kind, reason.code, detail, {
      faults,
      retryAfter: reason.retryAfter,
      cause: reason,
    });
  }
  return toOrielError(error, 0);
}

/** Reads the rest of a body and forgets it, for a while. */
async function endOf(source: Readable): Promise<void> {
  if (source.readableEnded || source.destroyed) return;
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, LINGER_MS);
    for (const event of ['end', 'close', 'error'])
      source.once(event, () => {
        clearTimeout(late);
        resolve();
      });
    source.resume();
  });
}

/** Settles when the client has taken what waited, or for a while has not. */
async function emptied(spool: Spool): Promise<void> {
  const until = performance.now() + LINGER_MS;
  while (spool.waiting > 0 && !spool.destroyed && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 5)); // what was taken goes through the pipe to the socket
}

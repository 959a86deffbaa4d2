import { Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PredictionNotes, type AuditNotes } from '../../audit/record.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { OrielError } from '../../errors.js';
import { AnswerGate } from '../../http/answer-gate.js';
import type { BodyStream } from '../../http/bodies.js';
import { CSV_TYPE, NDJSON_TYPE } from '../../http/media-types.js';
import { checkAcceptable } from '../../http/negotiation.js';
import { openContext } from '../../http/request-context.js';
import type { RowOutputs } from '../batch-runner.js';
import { DataPlane } from '../data-plane.js';
import type { ModelVersion } from '../model-version.js';
import { requestTimeout } from '../patience.js';
import type { Question } from '../question.js';
import { patienceOf } from '../request-patience.js';
import { openNotes, targetOf } from '../request-target.js';
import type { EncodedRows } from '../row-encoder.js';
import { CsvForm, NdjsonForm, type AnswerForm, type OnError } from './answer-forms.js';
import { BulkExchange } from './bulk-exchange.js';
import { BulkFigures } from './bulk-figures.js';
import { BulkSample } from './bulk-sample.js';
import { CsvReader, NdjsonReader, type RecordReader } from './records.js';
import { Spool } from './spool.js';

/** Bytes of an answer that wait in memory before the disk is used. */
const SPOOL_MEMORY = 1024 * 1024;
/** How long a batch waits before it tries again to get into a full queue, in milliseconds. */
const QUEUE_PAUSE_MS = 20;

/** Answers bodies of CSV or NDJSON, of any length, as they come. */
@Injectable()
export class BulkService {
  private readonly log = new Logger('Bulk');
  /** Bodies that are being answered now. */
  active = 0;
  readonly figures = new BulkFigures();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly plane: DataPlane,
    private readonly gate: AnswerGate,
  ) {}

  /** @throws OrielError before anything is sent; afterwards the answer tells by itself */
  async answer(body: BodyStream, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const notes = openNotes(request);
    const version = this.plane.version(targetOf(request), notes);
    const form = formOf(request, body.type, version);
    const run = this.asker(version, request, reply, notes);
    const release = this.enter(version); // from here on nothing may fail before the spool, whose end is the way out
    const { id } = openContext(request, reply);
    const spool = new Spool(this.settings.dataDir, `${id}.spool`, {
      memory: SPOOL_MEMORY,
      disk: this.settings.bulkSpool,
      patience: this.settings.requestTimeout,
    });
    this.figures.watch(spool);
    spool.on('close', release);
    const { encoder, writer } = version.parts;
    const sample = new BulkSample(encoder, writer, this.settings.auditPayloadLimit);
    const exchange = new BulkExchange(
      {
        request,
        reply,
        notes,
        source: body.bytes,
        gate: this.gate,
        spool,
        sample,
        patience: this.settings.requestTimeout,
      },
      {
        reader: this.readerOf(body.type, version),
        encoder,
        form,
        batchRows: version.bounds.maxRows,
        width: this.settings.inferenceThreads + 1,
        run,
        note: (row, result, at) => {
          this.figures.answered++;
          sample.add(row, result, at);
        },
        refused: (reason) => this.figures.refused(reason),
      },
    );
    try {
      await exchange.start();
    } catch (error) {
      spool.destroy();
      throw error;
    }
    void reply.code(200).header('content-type', form.contentType).send(spool);
  }

  /** Answers rows that came whole, in one of the forms of bulk answers. @throws OrielError as `DataPlane.run` */
  async tell(
    question: Question,
    type: string,
    notes: AuditNotes,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { version, rows } = question;
    const form = formOfType(type, request, version);
    const result = await this.plane.run(version, rows, notes, patienceOf(request, reply)(version));
    let text = form.head(result);
    for (let row = 0; row < result.rows; row++) text += form.row(result, row, row + 1);
    notes.input = question.input;
    notes.output = `{${version.parts.writer.rows(result)}}`;
    reply.code(200).header('content-type', form.contentType).send(text);
  }

  private enter(version: ModelVersion): () => void {
    if (this.active >= this.settings.bulkRequests) {
      const detail = 'Too many CSV and NDJSON bodies are being answered (ORIEL_BULK_REQUESTS).';
      throw new OrielError('unavailable', 'bulk-busy', detail, { retryAfter: 5 });
    }
    this.active++;
    const letGo = version.hold();
    return () => {
      this.active--;
      letGo();
    };
  }

  private readerOf(type: string, version: ModelVersion): RecordReader {
    const { lineLimit, jsonDepth } = this.settings;
    return type === CSV_TYPE
      ? new CsvReader(version.features, lineLimit)
      : new NdjsonReader(lineLimit, jsonDepth);
  }

  /**
   * Asks batches with the caller's patience for the whole; without one they wait as long as it takes, as long as the caller is there:
   * the deadline of a model is that of a question, and a body of many has its own pace.
   */
  private asker(
    version: ModelVersion,
    request: FastifyRequest,
    reply: FastifyReply,
    notes: AuditNotes,
  ): (rows: EncodedRows) => Promise<RowOutputs> {
    const { startedAt, trace } = openContext(request, reply);
    const deadline = startedAt + (requestTimeout(request.headers['request-timeout']) ?? Infinity);
    const { socket } = request.raw;
    const gone = (): boolean => socket.destroyed;
    return async (rows) => {
      const own = new PredictionNotes();
      const result = await this.ask(version, rows, own, { deadline, gone });
      notes.batch = Math.max(notes.batch ?? 0, own.batch ?? 0);
      notes.queue = Math.max(notes.queue ?? 0, own.queue ?? 0);
      notes.run = (notes.run ?? 0) + (own.run ?? 0);
      trace?.ran(result);
      return result;
    };
  }

  /** A full queue is no reason to give up: the rest of the body can wait. */
  private async ask(
    version: ModelVersion,
    rows: EncodedRows,
    notes: AuditNotes,
    patience: { deadline: number; gone: () => boolean },
  ): Promise<RowOutputs> {
    for (;;) {
      try {
        return await this.plane.run(version, rows, notes, patience);
      } catch (error) {
        if (!(error instanceof OrielError)) {
          this.log.error({ msg: 'a batch of a bulk request failed', err: error });
          throw error;
        }
        const late = performance.now() + QUEUE_PAUSE_MS > patience.deadline;
        if (error.code !== 'queue-full' || late || patience.gone()) throw error;
        await new Promise((resolve) => setTimeout(resolve, QUEUE_PAUSE_MS));
      }
    }
  }
}

/** The form that the caller prefers, that of its body where it does not care. @throws OrielError `not-acceptable`, `invalid-parameter` */
function formOf(request: FastifyRequest, bodyType: string, version: ModelVersion): AnswerForm {
  const produces = bodyType === CSV_TYPE ? [CSV_TYPE, NDJSON_TYPE] : [NDJSON_TYPE, CSV_TYPE];
  return formOfType(checkAcceptable(request.headers.accept, produces), request, version);
}

/** @throws OrielError `invalid-parameter` */
function formOfType(type: string, request: FastifyRequest, { parts }: ModelVersion): AnswerForm {
  const given = (request.query as Record<string, unknown>).onError;
  if (type === CSV_TYPE) return new CsvForm(parts.writer, choice(given, ['stop', 'skip']));
  return new NdjsonForm(parts.writer, choice(given, ['answer', 'skip', 'stop']));
}

/** @throws OrielError `invalid-parameter` for a word that `onError` does not know, also where an answer in JSON makes nothing of it */
export function checkOnError(request: FastifyRequest): void {
  choice((request.query as Record<string, unknown>).onError, ['answer', 'skip', 'stop']);
}

function choice(given: unknown, choices: readonly [OnError, ...OnError[]]): OnError {
  if (given === undefined) return choices[0];
  const known = choices.find((one) => one === given);
  if (known) return known;
  const faults = [{ pointer: '/onError', detail: `must be one of ${choices.join(', ')}` }];
  throw new OrielError('badParameter', 'invalid-parameter', 'A parameter of the query is wrong.', { faults });
}

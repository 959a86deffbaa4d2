import { Injectable } from '@nestjs/common';
import { ReadersService } from '../../database/readers.service.js';
import { OrielError } from '../../errors.js';
import { readDefinition } from '../definition/read.js';
import type { StreamDefinition, WindowDefinition } from '../engine/definition.js';
import type { Json } from '../engine/messages.js';
import { eventReader, type EventReader } from '../events/reader.js';
import { JournalCalls } from '../journal-calls.service.js';
import {
  READ_STREAM,
  READ_STREAMS,
  STREAM_DELETE,
  STREAM_PUT,
  type StreamDelete,
  type StreamDeleteResult,
  type StreamPut,
  type StreamPutResult,
  type StreamRow,
} from '../messages.js';

/** A stream as the main thread knows it: its definition, and what follows from it. */
export interface Stream {
  name: string;
  definition: StreamDefinition;
  /** The definition as the API shows it. */
  view: Json;
  reader: EventReader;
  /** Which definition it is: told to the journal with what was checked by it. */
  changed: number;
  /** Another one when the stream begins anew. */
  life: string;
}

/**
 * Which streams there are. What is asked for is remembered until it changes, which happens only through here; the truth is in the
 * journal, which says so when what is remembered does not hold.
 */
@Injectable()
export class StreamsService {
  private readonly known = new Map<string, Promise<Stream | null>>();
  private alarmed: Promise<boolean> | undefined;

  constructor(
    private readonly journal: JournalCalls,
    private readonly readers: ReadersService,
  ) {}

  /** In the order of their names. */
  async list(): Promise<Pick<StreamRow, 'name' | 'definition'>[]> {
    return this.readers.query<StreamRow[]>(READ_STREAMS, undefined);
  }

  /** Whether any stream has an alarm. */
  anyAlarm(): Promise<boolean> {
    this.alarmed ??= this.list().then((all) =>
      all.some(({ definition }) => (definition as { alarm?: unknown }).alarm),
    );
    this.alarmed.catch(() => (this.alarmed = undefined)); // which is told to those who ask
    return this.alarmed;
  }

  /** @throws OrielError `unknown-stream` */
  async one(name: string): Promise<Stream> {
    const stream = await this.find(name);
    if (!stream) throw unknownStream();
    return stream;
  }

  /** @throws OrielError `unknown-stream`, `unknown-window` */
  async window(name: string, window: string): Promise<{ stream: Stream; window: WindowDefinition }> {
    const stream = await this.one(name);
    const { windows } = stream.definition;
    const found = Object.hasOwn(windows, window) ? windows[window] : undefined;
    if (!found) throw new OrielError('notFound', 'unknown-window', 'The stream has no windows of this name.');
    return { stream, window: found };
  }

  async put(put: StreamPut): Promise<StreamPutResult> {
    try {
      const bytes = JSON.stringify(put.definition).length;
      return await this.journal.append<StreamPutResult>(STREAM_PUT, put, bytes);
    } finally {
      this.forget(put.name);
    }
  }

  async delete(name: string): Promise<StreamDeleteResult> {
    try {
      return await this.journal.append(STREAM_DELETE, { name } satisfies StreamDelete, 0);
    } finally {
      this.forget(name);
    }
  }

  /** To be called when what is remembered turned out not to hold. */
  forget(name: string): void {
    this.known.delete(name);
    this.alarmed = undefined;
  }

  private find(name: string): Promise<Stream | null> {
    const known = this.known.get(name);
    if (known) return known;
    const asked = this.readers.query<StreamRow | null>(READ_STREAM, name).then((row) => row && streamOf(row));
    this.known.set(name, asked);
    // Only what is there is remembered, and only if nobody said meanwhile that it does not hold.
    const drop = (): void => {
      if (this.known.get(name) === asked) this.known.delete(name);
    };
    asked.then((stream) => stream ?? drop(), drop);
    return asked;
  }
}

function streamOf({ id, name, definition: view, created, changed }: StreamRow): Stream {
  const read = readDefinition(view);
  if ('faults' in read) throw new Error(`the definition of the stream ${name} does not read`);
  const { definition } = read;
  return { name, definition, view, reader: eventReader(definition), changed, life: `${id}.${created}` };
}

export function unknownStream(): OrielError {
  return new OrielError('notFound', 'unknown-stream', 'There is no stream of this name.');
}

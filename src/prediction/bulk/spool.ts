import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { OrielError } from '../../errors.js';

export interface SpoolBounds {
  /** Bytes that are kept in memory before the disk is used. */
  memory: number;
  /** Most bytes that wait on disk. */
  disk: number;
  /** Milliseconds for which a full spool waits for its reader. */
  patience: number;
}

const READ_BYTES = 64 * 1024;

/**
 * An answer between those who make it and a client that may not read it yet: most clients send their whole body before they read
 * anything, so a server that waited for its reader would wait for ever. What does not fit in memory goes to a file that has no
 * name any more, used as a ring.
 */
export class Spool extends Readable {
  private readonly memory: Buffer[] = [];
  private memoryBytes = 0;
  private file: FileHandle | undefined;
  /** Bytes that went to the file and that were read from it, since the start. */
  private written = 0;
  private taken = 0;
  private reading = false;
  private wanted = false;
  private done = false;
  private makeRoom: (() => void) | undefined;
  /** How often whoever writes had to wait for its reader. */
  timesFull = 0;

  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly bounds: SpoolBounds,
  ) {
    super({ highWaterMark: READ_BYTES });
  }

  /** Bytes that wait for the reader. */
  get waiting(): number {
    return this.memoryBytes + this.written - this.taken;
  }

  /** Settles when it is kept. One at a time. @throws OrielError `answer-not-read` when a full spool is not read in time */
  async append(text: string): Promise<void> {
    if (this.destroyed) return;
    const bytes = Buffer.from(text);
    if (this.written === this.taken && this.memoryBytes + bytes.length <= this.bounds.memory) {
      this.memory.push(bytes);
      this.memoryBytes += bytes.length;
    } else {
      this.file ??= await this.openFile();
      let from = 0;
      while (from < bytes.length) {
        if (!(await this.room())) return;
        from += await this.writeSome(this.file, bytes.subarray(from));
      }
    }
    this.serve();
  }

  /** Nothing more comes. */
  finish(): void {
    this.done = true;
    this.serve();
  }

  override _read(): void {
    this.wanted = true;
    this.serve();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.memory.length = 0;
    this.makeRoom?.();
    const { file } = this;
    if (!file || this.reading)
      done(error); // a read under way closes it
    else file.close().then(() => done(error), done);
  }

  private serve(): void {
    while (this.wanted && !this.reading && !this.destroyed) {
      const bytes = this.memory.shift();
      if (bytes) {
        this.memoryBytes -= bytes.length;
        this.wanted = this.push(bytes);
      } else if (this.taken < this.written) this.readFile(this.file as FileHandle);
      else {
        if (this.done) this.push(null);
        return;
      }
    }
  }

  private readFile(file: FileHandle): void {
    this.reading = true;
    const at = this.taken % this.bounds.disk;
    const length = Math.min(READ_BYTES, this.written - this.taken, this.bounds.disk - at);
    file.read(Buffer.allocUnsafe(length), 0, length, at).then(
      ({ buffer, bytesRead }) => {
        this.reading = false;
        if (this.destroyed) return void file.close().catch(() => undefined);
        this.taken += bytesRead;
        this.makeRoom?.();
        this.wanted = this.push(buffer.subarray(0, bytesRead));
        this.serve();
      },
      (error: unknown) => {
        this.reading = false;
        this.destroy(error as Error);
      },
    );
  }

  private async writeSome(file: FileHandle, bytes: Buffer): Promise<number> {
    const at = this.written % this.bounds.disk;
    const length = Math.min(
      bytes.length,
      this.bounds.disk - at,
      this.bounds.disk - (this.written - this.taken),
    );
    const { bytesWritten } = await file.write(bytes, 0, length, at);
    this.written += bytesWritten;
    return bytesWritten;
  }

  /** Waits until something can be written to the file. @returns whether anybody is still going to read it */
  private async room(): Promise<boolean> {
    if (this.written - this.taken < this.bounds.disk) return !this.destroyed;
    this.timesFull++;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.makeRoom = undefined;
        reject(new OrielError('requestTimeout', 'answer-not-read', 'The answer is not being read.'));
      }, this.bounds.patience);
      this.makeRoom = (): void => {
        clearTimeout(late);
        this.makeRoom = undefined;
        resolve();
      };
    });
    return !this.destroyed;
  }

  private async openFile(): Promise<FileHandle> {
    const path = join(this.folder, this.name);
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    if (this.destroyed) await file.close(); // its reader went while it was opened
    return file;
  }
}

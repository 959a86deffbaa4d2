import type { IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { OrielError } from '../errors.js';

/** Bytes that any body may unpack to; beyond them the ratio counts. Short texts of one letter pack very well. */
const FREE = 1024 * 1024;
const CODINGS = ['gzip', 'br'];

/** A packed body, unpacked. Fastify reads from it how many bytes have come, to hold them against `Content-Length`. */
export interface Unpacked extends Transform {
  receivedEncodedLength: number;
}

/**
 * Unpacks a body as it comes, and no faster than it is read. It ends with an error where it unpacks to more than a ratio (RFC 9110,
 * section 8.4, warns of nothing, but a few bytes can be made into any number): whatever is packed, and in however many parts.
 * @throws OrielError `unsupported-encoding`; the stream fails with `compression-ratio`, and with zlib's errors
 */
export function unpack(raw: IncomingMessage, coding: string, ratio: number): Unpacked {
  if (!CODINGS.includes(coding)) throw unsupported();
  const engine = coding === 'br' ? createBrotliDecompress() : createGunzip();
  const unpacked = new Unpacker(ratio);
  raw.on('data', (chunk: Buffer) => (unpacked.receivedEncodedLength += chunk.length));
  raw.on('error', (error) => unpacked.destroy(error));
  raw.on('close', () => {
    if (!raw.readableEnded) unpacked.destroy(aborted());
  });
  engine.on('error', (error) => unpacked.destroy(error));
  // Who read it may be done with it, as with a body that is too long, and no longer listens.
  unpacked.on('error', () => undefined);
  unpacked.on('close', () => {
    if (engine.destroyed) return;
    raw.unpipe(engine);
    engine.destroy();
    raw.resume(); // what still comes is for nobody
  });
  raw.pipe(engine).pipe(unpacked);
  return unpacked;
}

class Unpacker extends Transform implements Unpacked {
  receivedEncodedLength = 0;
  private length = 0;

  constructor(private readonly ratio: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.length += chunk.length;
    if (this.length > FREE + this.ratio * this.receivedEncodedLength) done(tooDense(this.ratio));
    else done(null, chunk);
  }
}

function tooDense(ratio: number): OrielError {
  const detail = `The body unpacks to more than ${ratio} times its size (ORIEL_UNPACK_RATIO).`;
  return new OrielError('tooLarge', 'compression-ratio', detail);
}

function unsupported(): OrielError {
  return new OrielError(
    'unsupportedMediaType',
    'unsupported-encoding',
    'A body may be sent as it is, or in gzip or br.',
    { acceptEncoding: CODINGS },
  );
}

function aborted(): OrielError {
  return new OrielError('malformed', 'aborted', 'The client went away before its request was complete.');
}

/** Ways in which the end of a file can be another than what was written, each drawn by a seed. */
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const HEADER = 32;
const FRAME_HEADER = 24;
const PAGE_SIZE_AT = 8;
const SALTS_AT = 16;
/** What a disk writes at once. */
const SECTOR = 512;

/** Numbers from 0 to below 1, the same for the same seed (mulberry32, by Tommy Ettinger). */
export function randomBy(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Where the frames end that a -wal file holds now: those after it are of an earlier round, and have other salts
 * (https://www.sqlite.org/fileformat2.html#walformat).
 */
export function endOfFrames(wal: string): number {
  const bytes = readFileSync(wal);
  if (bytes.length < HEADER) return bytes.length;
  const salts = bytes.subarray(SALTS_AT, SALTS_AT + 8);
  const frame = FRAME_HEADER + bytes.readUInt32BE(PAGE_SIZE_AT);
  let end = HEADER;
  while (end + frame <= bytes.length && bytes.subarray(end + 8, end + 16).equals(salts)) end += frame;
  return end;
}

export interface Tear {
  what: string;
  /** Nothing before it is another. */
  at: number;
  tear: (file: string) => void;
}

/** The tears of a file of this size: cut off, bytes that are others, sectors that were never written, or that hold what others do. */
export function drawTears(seed: number, count: number, size: number): Tear[] {
  const random = randomBy(seed);
  const below = (end: number): number => Math.floor(random() * end);
  return Array.from({ length: count }, (_, n): Tear => {
    const at = below(size);
    const sector = Math.floor(at / SECTOR) * SECTOR;
    const length = Math.min(1 + below(64), size - at);
    const other = Math.floor(below(size) / SECTOR) * SECTOR;
    const sectors = SECTOR * (1 + below(8));
    switch (n % 4) {
      case 0:
        return {
          what: `cut off at ${at}`,
          at,
          tear: (file) => edit(file, (handle) => ftruncateSync(handle, at)),
        };
      case 1: {
        const flips = Buffer.from(Array.from({ length }, () => 1 + below(255)));
        const what = `${length} other bytes at ${at}`;
        return {
          what,
          at,
          tear: (file) => change(file, at, length, (byte, index) => byte ^ (flips[index] as number)),
        };
      }
      case 2:
        return {
          what: `zeros from ${sector} on, ${sectors}`,
          at: sector,
          tear: (file) => change(file, sector, Math.min(sectors, size - sector), () => 0),
        };
      default:
        return {
          what: `what is at ${other} also at ${sector}`,
          at: sector,
          tear: (file) => {
            const bytes = readFileSync(file).subarray(other, other + SECTOR);
            change(
              file,
              sector,
              Math.min(bytes.length, size - sector),
              (_byte, index) => bytes[index] as number,
            );
          },
        };
    }
  });
}

function edit(file: string, by: (handle: number) => void): void {
  const handle = openSync(file, 'r+');
  try {
    by(handle);
  } finally {
    closeSync(handle);
  }
}

function change(file: string, at: number, length: number, by: (byte: number, index: number) => number): void {
  edit(file, (handle) => {
    const bytes = Buffer.alloc(length);
    readSync(handle, bytes, 0, length, at);
    writeSync(handle, bytes.map(by), 0, length, at);
  });
}

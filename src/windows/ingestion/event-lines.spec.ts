import fc from 'fast-check';
import { Readable } from 'node:stream';
import { partsOf } from './event-lines.js';

async function parts(pieces: readonly string[], limit: number): Promise<string[]> {
  const all: string[] = [];
  const bytes = Readable.from(
    pieces.map((piece) => Buffer.from(piece)),
    { objectMode: false },
  );
  for await (const part of partsOf(bytes, limit)) all.push(part);
  return all;
}

describe('lines of events that come in pieces', () => {
  it('are the same however they are cut into pieces, but for what is too long', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.array(fc.nat(200)),
        fc.integer({ min: 1, max: 40 }),
        async (all, cuts, limit) => {
          const bytes = Buffer.from(all.join('\n'));
          const places = [
            0,
            ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
            bytes.length,
          ];
          const pieces = places.slice(1).map((to, at) => bytes.subarray(places[at], to).toString('latin1'));
          const source = Readable.from(pieces.map((piece) => Buffer.from(piece, 'latin1')));
          const got: string[] = [];
          for await (const part of partsOf(source, limit)) got.push(part);
          const lines = got.join('').split('\n');
          expect(lines.map((one) => (one.length > limit ? null : one))).toEqual(
            all.length === 0 ? [''] : all.map((one) => (one.length > limit ? null : one)),
          );
        },
      ),
    );
  });

  it('come in parts of whole lines, and of a line without an end only what shows that it is too long', async () => {
    const line = `${'x'.repeat(999)}\n`;
    const got = await parts(
      Array.from({ length: 1000 }, () => line),
      5000,
    );
    expect(got.length).toBeGreaterThan(3);
    expect(got.every((part) => part.endsWith('\n'))).toBe(true);
    expect(got.join('')).toBe(line.repeat(1000));
    const endless = await parts(
      Array.from({ length: 1000 }, () => 'y'.repeat(1000)),
      5000,
    );
    expect(endless.map((part) => part.length)).toEqual([5001]);
  });
});

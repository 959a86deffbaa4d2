import fc from 'fast-check';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spool } from './spool.js';

describe('Spool', () => {
  let folder: string;
  let number = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-spool-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const spool = (memory: number, disk: number, patience = 1000): Spool =>
    new Spool(folder, `${number++}.spool`, { memory, disk, patience });

  async function textOf(source: Spool): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of source) {
      chunks.push(chunk as Buffer);
      if (chunks.length % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return Buffer.concat(chunks).toString();
  }

  it('gives everything back in order, through memory, disk and the end of its ring', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 40 }),
        fc.boolean(),
        async (texts, readAtOnce) => {
          const one = spool(16, readAtOnce ? 32 : 10_000);
          const read = readAtOnce ? textOf(one) : undefined;
          for (const text of texts) await one.append(text);
          one.finish();
          expect(await (read ?? textOf(one))).toBe(texts.join(''));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves nothing in the folder, even while it is in use', async () => {
    const one = spool(1, 1000);
    await one.append('on disk');
    expect(one.waiting).toBe(7);
    expect(await readdir(folder)).toEqual([]);
    one.destroy();
  });

  it('waits for its reader when it is full, and gives up after a while', async () => {
    const one = spool(1, 10, 50);
    await one.append('0123456789');
    await expect(one.append('x')).rejects.toMatchObject({ code: 'answer-not-read' });
    one.destroy();
  });

  it('takes nothing more once its reader is gone', async () => {
    const one = spool(1, 10);
    await one.append('0123456789');
    const waiting = one.append('more');
    one.destroy();
    await waiting;
    await one.append('and more');
    expect(one.destroyed).toBe(true);
  });
});

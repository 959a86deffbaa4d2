import fc from 'fast-check';
import { OrielError } from '../../errors.js';
import { AnswerWriter } from '../answer.js';
import type { RowOutputs } from '../batch-runner.js';
import { featuresOf } from '../features.js';
import { RowEncoder, type EncodedRows } from '../row-encoder.js';
import type { Signature } from '../signature.js';
import { NdjsonForm, type OnError } from './answer-forms.js';
import { BulkRun, StoppedAt } from './bulk-run.js';
import { NdjsonReader } from './records.js';

const SIGNATURE = {
  inputs: [{ name: 'x', type: 'float64', shape: [null, 1] }],
  outputs: [],
} as unknown as Signature;
const UNLUCKY = 13;
const BATCH = 4;
const WIDTH = 2;

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A run of a model that doubles its input, and what is seen of it. */
function start(onError: OnError = 'answer', fails: (x: number) => OrielError | undefined = unlucky) {
  const encoder = new RowEncoder(featuresOf(SIGNATURE, undefined), SIGNATURE);
  const seen = { text: '', open: true, underWay: 0, most: 0, batches: [] as number[][] };
  const ask = async ({ rows, values: [x] }: EncodedRows): Promise<RowOutputs> => {
    const batch = x as number[];
    seen.batches.push([...batch]);
    seen.most = Math.max(seen.most, ++seen.underWay);
    for (let turns = 0; turns < (batch[0] ?? 0) % 3; turns++) await later(); // batches end in any order
    seen.underWay--;
    const error = batch.map(fails).find((one) => one !== undefined);
    if (error) throw error;
    const data = Float64Array.from(batch, (value) => value * 2);
    return {
      rows,
      outputs: [{ name: 'y', type: 'float64', dims: [rows], data }],
      batch: rows,
      queue: 0,
      run: 0,
    };
  };
  const run = new BulkRun({
    reader: new NdjsonReader(1000, 64),
    encoder,
    form: new NdjsonForm(new AnswerWriter('m', '1', null), onError),
    batchRows: BATCH,
    width: WIDTH,
    run: ask,
    write: async (text) => {
      await later();
      seen.text += text;
    },
    flow: (open) => (seen.open = open),
    note: () => undefined,
  });
  const lines = (): Record<string, unknown>[] =>
    seen.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { run, seen, lines };
}

function unlucky(x: number): OrielError | undefined {
  return x === UNLUCKY ? new OrielError('invalid', 'model-failed', 'unlucky') : undefined;
}

describe('BulkRun', () => {
  it('answers every line in its place, with few batches under way, and takes no more of the body meanwhile', async () => {
    const line = fc.oneof(
      fc
        .integer({ min: 0, max: 20 })
        .map((x) => ({ text: `{"f0":${x}}`, expected: x === UNLUCKY ? 'model-failed' : [x * 2] })),
      fc.constantFrom(
        { text: '{', expected: 'malformed-json' },
        { text: '{"f0":"x"}', expected: 'invalid-input' },
        { text: '{"f0":1,"g":1}', expected: 'invalid-input' },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(line, { maxLength: 9 })), async (chunks) => {
        const { run, seen, lines } = start();
        for (const chunk of chunks) {
          while (!seen.open) await later();
          run.push(chunk.map(({ text }) => `${text}\n`).join(''));
        }
        run.end();
        await run.finished;
        const expected = chunks.flat().map((one) => one.expected);
        expect(lines().map((one) => one.code ?? one.prediction)).toEqual(expected);
        expect(seen.most).toBeLessThanOrEqual(WIDTH);
        expect(Math.max(0, ...seen.batches.map((batch) => batch.length))).toBeLessThanOrEqual(BATCH);
        expect(run.answered + run.failed).toBe(expected.length);
        expect(run.failed).toBe(expected.filter((one) => typeof one === 'string').length);
      }),
      { numRuns: 60 },
    );
  });

  it('does not let the first rows wait for more', async () => {
    const { run, lines } = start();
    run.push('{"f0":1}\n');
    while (lines().length === 0) await later();
    expect(lines()).toEqual([{ prediction: [2] }]);
    run.end();
    await run.finished;
  });

  it('tells the lines of a batch that was refused each the reason, and goes on', async () => {
    const full = new OrielError('unavailable', 'queue-full', 'full');
    const { run, lines } = start('answer', (x) => (x === 0 ? full : undefined));
    run.push('{"f0":0}\n{"f0":1}\n{"f0":2}\n{"f0":3}\n{"f0":4}\n');
    run.end();
    await run.finished;
    expect(lines().map((one) => one.code ?? one.prediction)).toEqual([
      ...Array<string>(4).fill('queue-full'),
      [8],
    ]);
  });

  it('leaves out what is wrong where it is to be skipped', async () => {
    const { run, lines } = start('skip');
    run.push('{"f0":1}\n{\n{"f0":13}\n{"f0":2}');
    run.end();
    await run.finished;
    expect(lines()).toEqual([
      { line: 1, prediction: [2] },
      { line: 4, prediction: [4] },
    ]);
    expect([run.answered, run.failed]).toEqual([2, 2]);
  });

  it('does not leave out good rows because the server cannot answer them', async () => {
    const lost = new OrielError('unavailable', 'inference-lost', 'lost');
    const { run, lines } = start('skip', (x) => (x === 5 ? lost : undefined));
    run.push('{"f0":1}\n{"f0":2}\n{"f0":3}\n{"f0":4}\n{"f0":5}\n{"f0":6}\n');
    run.end();
    await expect(run.finished).rejects.toMatchObject({ line: 5, reason: { code: 'inference-lost' } });
    expect(lines().map(({ line }) => line)).toEqual([1, 2, 3, 4]);
  });

  it('finds the row on which the model fails by halves', async () => {
    const { run, seen, lines } = start('answer');
    run.push('{"f0":1}\n{"f0":2}\n{"f0":3}\n{"f0":13}\n');
    run.end();
    await run.finished;
    expect(lines().map((one) => one.code ?? one.prediction)).toEqual([[2], [4], [6], 'model-failed']);
    expect(seen.batches).toEqual([[1, 2, 3, 13], [1, 2], [3, 13], [3], [13]]);
  });

  it('stops at the first wrong line where it is to stop, after the answers before it', async () => {
    const { run, lines } = start('stop');
    run.push('{"f0":1}\n{"f0":2}\n{"f0":3}\n{"f0":4}\n{"f0":5}\n{"f0":"x"}\n{"f0":7}\n');
    const stopped: unknown = await run.finished.catch((error: unknown) => error);
    expect(stopped).toBeInstanceOf(StoppedAt);
    expect(stopped).toMatchObject({ line: 6, reason: { code: 'invalid-input' } });
    expect(lines().map((one) => one.prediction)).toEqual([[2], [4], [6], [8], [10]]);
    run.push('{"f0":1}\n');
    run.end();
    expect(lines()).toHaveLength(5);
  });

  it('says nothing more once it was given up', async () => {
    const { run, seen } = start();
    run.push('{"f0":1}\n');
    run.fail(new Error('gone'));
    await expect(run.finished).rejects.toThrow('gone');
    await later();
    expect(seen.text).toBe('');
  });
});

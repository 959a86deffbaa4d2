import type { AnswerWriter } from '../answer.js';
import type { RowOutputs } from '../batch-runner.js';
import type { RowEncoder } from '../row-encoder.js';
import { BulkSample } from './bulk-sample.js';

const encoder = { canonical: (row: unknown) => JSON.stringify(row) } as unknown as RowEncoder;
const writer = { row: () => '"prediction":1' } as unknown as AnswerWriter;
const RESULT = {} as RowOutputs;

describe('BulkSample', () => {
  it('keeps rows with their answers', () => {
    const sample = new BulkSample(encoder, writer, 100);
    sample.add({ a: 1 }, RESULT, 0);
    expect(sample.input).toBe('[{"a":1}]');
    expect(sample.output(1, 0)).toBe('{"answered":1,"failed":0,"answers":[{"prediction":1}]}');
    expect(sample.partial).toBe(false);
  });

  it('keeps little more than its limit of each, however long rows are and short answers', () => {
    const sample = new BulkSample(encoder, writer, 1000);
    const long = 'x'.repeat(900);
    for (let i = 0; i < 1000; i++) sample.add({ a: long }, RESULT, 0);
    expect(sample.input.length).toBeLessThan(2000);
    expect(sample.output(1000, 0).length).toBeLessThan(1200);
    expect(sample.partial).toBe(true);
  });
});

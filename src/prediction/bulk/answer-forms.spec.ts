import { OrielError } from '../../errors.js';
import { AnswerWriter } from '../answer.js';
import type { RowOutputs } from '../batch-runner.js';
import { parseCsv } from '../csv/csv.js';
import type { NamedTensor } from '../signature.js';
import { CsvForm, NdjsonForm, type OnError } from './answer-forms.js';

const result = (...outputs: NamedTensor[]): RowOutputs => ({ rows: 2, outputs, batch: 2, queue: 0, run: 0 });
const price = result({ name: 'y', type: 'float64', dims: [2, 1], data: Float64Array.of(1.5, NaN) });
const flower = result(
  { name: 'label', type: 'string', dims: [2], data: ['a,b', 'c'] },
  { name: 'p', type: 'float64', dims: [2, 2], data: Float64Array.of(0.25, 0.75, 1, 0) },
  { name: 'extra', type: 'int64', dims: [2, 2], data: BigInt64Array.of(1n, 9007199254740993n, 3n, 4n) },
  { name: 'cube', type: 'float32', dims: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) },
);
const classes = { labels: ['a,b', 'c'], output: 1 };
const wrong = new OrielError('invalid', 'invalid-input', 'One value is wrong.', {
  faults: [{ pointer: '/RM', detail: 'must be a number' }],
});

describe('CsvForm', () => {
  const table = (onError: OnError, writer: AnswerWriter, of: RowOutputs): unknown[][] => {
    const form = new CsvForm(writer, onError);
    return parseCsv(form.head(of) + form.row(of, 0, 7) + form.row(of, 1, 9));
  };

  it('gives each value a column, named as in a single answer', () => {
    expect(table('stop', new AnswerWriter('m', '1', null), price)).toEqual([
      ['prediction'],
      ['1.5'],
      ['NaN'],
    ]);
    expect(table('stop', new AnswerWriter('m', '1', classes), flower)).toEqual([
      [
        'prediction',
        'probabilities.a,b',
        'probabilities.c',
        'outputs.extra.0',
        'outputs.extra.1',
        'outputs.cube',
      ],
      ['a,b', '0.25', '0.75', '1', '9007199254740993', '[[1,2]]'],
      ['c', '1', '0', '3', '4', '[[3,4]]'],
    ]);
  });

  it('says the line of each row where others are skipped', () => {
    expect(table('skip', new AnswerWriter('m', '1', null), price)).toEqual([
      ['line', 'prediction'],
      ['7', '1.5'],
      ['9', 'NaN'],
    ]);
  });

  it('says in one field where it stopped', () => {
    const text = new CsvForm(new AnswerWriter('m', '1', null), 'stop').error(12, wrong);
    expect(parseCsv(text)).toEqual([['stopped at line 12: /RM must be a number']]);
  });
});

describe('NdjsonForm', () => {
  const form = new NdjsonForm(new AnswerWriter('m', '1', classes), 'answer');

  it('gives each row the members of a single answer', () => {
    expect(form.head()).toBe('');
    expect(form.row(flower, 0, 1)).toBe(
      '{"prediction":["a,b"],"probabilities":{"a,b":0.25,"c":0.75},"outputs":{"extra":[1,"9007199254740993"],"cube":[[1,2]]}}\n',
    );
  });

  it('says the line of each row where others are skipped', () => {
    const skipping = new NdjsonForm(new AnswerWriter('m', '1', null), 'skip');
    expect(skipping.row(price, 0, 7)).toBe('{"line":7,"prediction":[1.5]}\n');
  });

  it('says in place what is wrong with a line', () => {
    expect(JSON.parse(form.error(3, wrong))).toEqual({
      line: 3,
      code: 'invalid-input',
      detail: 'One value is wrong.',
      errors: [{ pointer: '/RM', detail: 'must be a number' }],
    });
  });
});

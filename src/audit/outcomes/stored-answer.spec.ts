import { readAnswer, type AnsweredRow, type StoredAnswer } from './stored-answer.js';

function read(answer: unknown): StoredAnswer {
  const found = readAnswer(JSON.stringify(answer));
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

function reason(answer: unknown): string {
  const found = readAnswer(typeof answer === 'string' ? answer : JSON.stringify(answer));
  return 'reason' in found ? found.reason : 'none';
}

const row = (
  values: AnsweredRow['values'],
  probabilities: AnsweredRow['probabilities'] = null,
  ...others: AnsweredRow['others']
): AnsweredRow => ({ values, probabilities, others });

const tensor = (name: string, datatype: string, shape: number[], data?: unknown[]): object => ({
  name,
  datatype,
  shape,
  ...(data ? { data } : { parameters: { binary_data_size: 4 } }),
});

describe('readAnswer', () => {
  it('finds the prediction of one row', () => {
    expect(read({ prediction: [30.5] })).toEqual({ rows: [row([30.5])], many: false });
    expect(
      read({ prediction: ['red'], probabilities: { red: 0.9, blue: 0.1 }, outputs: { depth: [3] } }),
    ).toEqual({ rows: [row(['red'], { red: 0.9, blue: 0.1 }, [3])], many: false });
  });

  it('finds the predictions of rows, each with its own probabilities and further outputs', () => {
    const answer = {
      predictions: [[0], [1]],
      probabilities: [
        { 0: 0.7, 1: 0.3 },
        { 0: 0.2, 1: 0.8 },
      ],
      outputs: [{ depth: 3 }, { depth: 4 }],
    };
    expect(read(answer)).toEqual({
      rows: [row([0], { 0: 0.7, 1: 0.3 }, [3]), row([1], { 0: 0.2, 1: 0.8 }, [4])],
      many: true,
    });
  });

  it('finds those of a file of rows, unless it is not said whose they are', () => {
    const answers = [{ prediction: [1] }, { prediction: [2] }];
    expect(read({ answered: 2, failed: 0, answers }).rows).toEqual([row([1]), row([2])]);
    expect(reason({ answered: 2, failed: 1, answers })).toMatch(/^Some of its rows failed/);
  });

  it('finds those of TF Serving and MLflow, bare, in arrays and by name', () => {
    expect(read({ predictions: [1, [2], { label: ['a'], p: [0.4, 0.6] }] }).rows).toEqual([
      row([1]),
      row([2]),
      row(['a'], null, [0.4, 0.6]),
    ]);
    expect(read({ outputs: [[1], [2]] })).toEqual({ rows: [row([1]), row([2])], many: true });
    expect(read({ outputs: { label: ['a', 'b'], p: [[1, 0], [0, 1]] } }).rows).toEqual([
      row(['a'], null, [1, 0]),
      row(['b'], null, [0, 1]),
    ]); // prettier-ignore
    expect(read({ outputs: 3 })).toEqual({ rows: [row([3])], many: false });
    expect(reason({ outputs: { a: [1, 2], b: [1] } })).toMatch(/different lengths/);
  });

  it('finds those of the Open Inference Protocol, row after row', () => {
    const outputs = [tensor('y', 'FP32', [2, 2], [1, 2, 3, 4]), tensor('z', 'INT64', [2], [5, 6])];
    expect(read({ outputs }).rows).toEqual([row([1, 2], null, [5]), row([3, 4], null, [6])]);
    const apart = [tensor('y', 'FP32', [2], [1, 2]), tensor('z', 'FP32', [1], [5])];
    expect(read({ outputs: apart })).toEqual({ rows: [row([1, 2], null, [5])], many: false });
    expect(reason({ outputs: [tensor('y', 'FP32', [1])] })).toMatch(/as bytes/);
    expect(reason({ outputs: [tensor('y', 'BYTES', [1, 1], ['0.900000:2:blue'])] })).toMatch(
      /as a classification/,
    );
  });

  it.each([['{"prediction":'], ['[1]'], ['null'], ['{}'], ['{"prediction":[]}'], ['{"outputs":[]}']])(
    'finds none in %s',
    (text) => expect(reason(text)).toMatch(/no prediction|no rows/),
  );

  it('says that a prediction had no rows', () => {
    expect(reason({ predictions: [] })).toMatch(/no rows/);
    expect(reason({ outputs: [tensor('y', 'FP32', [0, 1], [])] })).toMatch(/no rows/);
  });
});

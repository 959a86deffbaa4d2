import { readAnswer, type StoredAnswer } from './stored-answer.js';
import { truthsOf } from './truth.js';

const judge = (answer: unknown, value: unknown, item: number | null = null): unknown =>
  truthsOf(readAnswer(JSON.stringify(answer)) as StoredAnswer, value, item);
const faults = (...found: [pointer: string, detail: string | RegExp][]): unknown => ({
  faults: found.map(([pointer, detail]) => ({
    pointer,
    detail: typeof detail === 'string' ? detail : (expect.stringMatching(detail) as string),
  })),
});
const truth = (item: number, value: unknown, predicted: unknown, probability: number | null = null): unknown => ({
  item,
  value: JSON.stringify(value),
  predicted: JSON.stringify(predicted),
  probability,
}); // prettier-ignore

describe('truthsOf', () => {
  const house = { prediction: [30.5] };

  it('takes a number where one was predicted', () => {
    expect(judge(house, 28)).toEqual([truth(0, 28, 30.5)]);
    expect(judge(house, [28], 0)).toEqual([truth(0, 28, 30.5)]);
    for (const wrong of ['28', null, true, {}, [], [1, 2], Infinity])
      expect(judge(house, wrong)).toEqual(faults(['/value', 'must be a number']));
    expect(judge(house, 28, 1)).toEqual(faults(['/item', /^must be below 1/]));
  });

  it('takes as many numbers as were predicted, in any nesting', () => {
    const several = { prediction: [[1, 2], [3, 4]] }; // prettier-ignore
    expect(judge(several, [[5, 6], [7, 8]])).toEqual([truth(0, [5, 6, 7, 8], [1, 2, 3, 4])]); // prettier-ignore
    expect(judge(several, [5, 6, 7])).toEqual(faults(['/value', 'must be an array of 4 numbers']));
  });

  it('takes a value a row, or that of one', () => {
    const houses = { predictions: [[1], [2], [3]] };
    expect(judge(houses, [4, 5, 6])).toEqual([truth(0, 4, 1), truth(1, 5, 2), truth(2, 6, 3)]);
    expect(judge(houses, 5, 1)).toEqual([truth(1, 5, 2)]);
    expect(judge(houses, [4, 'x', null])).toEqual(
      faults(['/value/1', 'must be a number'], ['/value/2', 'must be a number']),
    );
    for (const wrong of [4, [4, 5]])
      expect(judge(houses, wrong)).toEqual(faults(['/value', /one value for each of the 3 rows/]));
    expect(judge({ predictions: [[1, 2]] }, [[5, 6]])).toEqual([truth(0, [5, 6], [1, 2])]);
    expect(judge({ predictions: [['a']] }, ['b'])).toEqual([truth(0, 'b', 'a')]);
  });

  it('takes a class by its label or its number, and finds what it had been given', () => {
    const colour = { prediction: ['red'], probabilities: { red: 0.75, blue: 0.25 } };
    expect(judge(colour, 'blue')).toEqual([truth(0, 'blue', 'red', 0.25)]);
    const digit = { prediction: [7], probabilities: { 3: 0.1, 7: 0.9 } };
    expect(judge(digit, 3)).toEqual([truth(0, '3', '7', 0.1)]);
    expect(judge(digit, '3')).toEqual(judge(digit, 3));
    for (const wrong of ['green', 1, null, ['red'], '__proto__', 'toString'])
      expect(judge(colour, wrong)).toEqual(faults(['/value', "must be one of the model's classes: red, blue"]));
  }); // prettier-ignore

  it('takes the most probable class where only probabilities are predicted', () => {
    const bare = { prediction: [0.2, 0.5, 0.3], probabilities: { a: 0.2, b: 0.5, c: 0.3 } };
    expect(judge(bare, 'c')).toEqual([truth(0, 'c', 'b', 0.3)]);
  });

  it('takes classes also where their labels are not on record', () => {
    expect(judge({ predictions: ['a'] }, 'b')).toEqual([truth(0, 'b', 'a')]);
    expect(judge({ prediction: [true] }, false)).toEqual([truth(0, 'false', 'true')]);
    expect(judge({ prediction: [true] }, 1)).toEqual(faults(['/value', 'must be true or false']));
    const unlabelled = { predictions: [{ label: 1, p: [0.25, 0.75] }] };
    expect(judge(unlabelled, 0)).toEqual([truth(0, '0', '1')]);
    expect(judge(unlabelled, 0.5)).toEqual(faults(['/value', /a whole number/]));
    expect(judge({ predictions: [{ count: 1, sizes: [3, 4] }] }, 0.5)).toEqual([truth(0, 0.5, 1)]);
  });

  it('does not take what nothing can be measured by', () => {
    expect(judge({ prediction: ['NaN'] }, 1)).toEqual(faults(['/prediction', /not finite/]));
    expect(judge({ prediction: ['a', 'b'] }, 'a')).toEqual(faults(['/prediction', /several classes/]));
  });
});

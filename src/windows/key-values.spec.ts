import { jsonTextsOf, keyFits } from './key-values.js';

describe('the values that a key must have', () => {
  it.each([
    [['A'], 'A', true],
    [['A'], 'B', false],
    [[7], '7', true],
    [['7'], '7', true],
    [[null], 'null', true],
    [[true], 'true', true],
    [['say "x"'], 'say "x"', true],
  ])('compare %j with %j as texts, by the engine and by SQL alike', (key, text, fits) => {
    expect(keyFits(JSON.stringify(key), [text])).toBe(fits);
    expect(jsonTextsOf(text).includes(JSON.stringify(key[0]))).toBe(fits);
  });

  it('may be any for some of the fields', () => {
    expect(keyFits('["A",7]', [null, '7'])).toBe(true);
    expect(keyFits('["A",7]', ['B', null])).toBe(false);
  });
});

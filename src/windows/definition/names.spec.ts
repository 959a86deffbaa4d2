import { isStreamName } from './names.js';

describe('isStreamName', () => {
  it('takes what needs no escape in an address', () => {
    expect(['cars', 'Cars-2.eu_north', '7', 'x'.repeat(64)].every(isStreamName)).toBe(true);
  });

  it('refuses what would be another address, or another thing than a name', () => {
    const refused = [
      '',
      '.',
      '..',
      '-a',
      '_a',
      '__proto__',
      'a/b',
      'a b',
      'a%20b',
      'a:b',
      'ż',
      'a\n',
      'x'.repeat(65),
    ];
    expect(refused.filter(isStreamName)).toEqual([]);
  });
});

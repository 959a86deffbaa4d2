import fc from 'fast-check';
import { OrielError } from '../../../errors.js';
import { parseCsv } from './csv.js';

describe('parseCsv', () => {
  test('reads records with either line end, with or without the last one', () => {
    for (const text of ['a,b\n1,2', 'a,b\n1,2\n', 'a,b\r\n1,2\r\n', '\uFEFFa,b\r\n\r\n1,2\n\n']) {
      expect(parseCsv(text)).toEqual([
        ['a', 'b'],
        ['1', '2'],
      ]);
    }
  });

  test('tells an empty field from an empty text', () => {
    expect(parseCsv('a,,""\n,\n""\n')).toEqual([['a', null, ''], [null, null], ['']]);
    expect(parseCsv('a,')).toEqual([['a', null]]);
    expect(parseCsv('')).toEqual([]);
  });

  test('reads commas, quotes and line ends inside quotes', () => {
    expect(parseCsv('"a,b","say ""hi""","two\r\nlines"\n')).toEqual([['a,b', 'say "hi"', 'two\r\nlines']]);
  });

  test.each([
    ['a"b', 1],
    ['a\n"b', 2],
    ['"a\nb"c', 2],
    ['a\rb', 1],
    ['"a"\rb', 1],
  ])('refuses %j, naming the line', (text, line) => {
    expect(() => parseCsv(text)).toThrow(OrielError);
    expect(() => parseCsv(text)).toThrow(`on line ${line} `);
  });

  test('what is written by the rules is read as it was', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ż') });
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1 }), { minLength: 1 }), (records) => {
        const text = records
          .map((record) => record.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        expect(parseCsv(text)).toEqual(records);
      }),
    );
  });
});

import fc from 'fast-check';
import { OrielError } from '../../errors.js';
import { parseCsv, writeField } from './csv.js';

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

  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ż') });

  test('what is quoted by the rules is read as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 1 }), { minLength: 1 }), (records) => {
        const csv = records
          .map((record) => record.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        expect(parseCsv(csv)).toEqual(records);
      }),
    );
  });

  test('what is written is read as it was, nothing and the empty text too', () => {
    const record = fc.array(fc.option(text), { minLength: 2 }); // one field that is nothing would be a blank line
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const csv = records.map((fields) => `${fields.map(writeField).join(',')}\n`).join('');
        expect(parseCsv(csv)).toEqual(records);
      }),
    );
  });
});

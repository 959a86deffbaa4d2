import fc from 'fast-check';
import { InputColumns } from './input-columns.js';

describe('InputColumns', () => {
  it('keeps the values of an object as a line', () => {
    const columns = InputColumns.of('{"RM":6.575,"CITY":"Boston","X":null}') as InputColumns;
    expect(columns.names).toEqual(['RM', 'CITY', 'X']);
    expect(columns.split('{"RM":1,"CITY":"","X":true}')).toBe('1,"",true');
    expect(columns.join('1,"",true')).toBe('{"RM":1,"CITY":"","X":true}');
  });

  it.each([
    ['[1]'],
    ['{}'],
    ['"a"'],
    ['{"a":1'],
    ['{"a":1} '],
    ['{ "a":1}'],
    ['{"a":[1,2]}'],
    ['{"a":"x,y"}'],
    ['{"b":1,"1":2}'], // JSON.parse changes the order of such names
    ['{"a":1,"a":2}'],
  ])('finds no columns in %s', (text) => {
    expect(InputColumns.of(text)).toBeNull();
  });

  it.each(['{"a":1}', '{"b":1,"a":2}', '{"a":1,"b":2,"c":3}', '{"a":1,"b":2', '{"a":"1,2","b":2}', '[]', ''])(
    'does not take %s apart by the names a and b',
    (text) => {
      expect(new InputColumns(['a', 'b']).split(text)).toBeNull();
    },
  );

  it('gives back every text that it takes apart, whatever the names and values', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true }),
      fc.constantFrom(null, true, '","b":', '}', '{"a":1}', [1], { c: 1 }, ''),
    );
    const object = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a', 'b', '":', ',')), value);
    fc.assert(
      fc.property(object, object, (one, other) => {
        const columns = InputColumns.of(JSON.stringify(one));
        for (const text of [JSON.stringify(one), JSON.stringify(other)]) {
          const line = columns?.split(text);
          if (line !== null && line !== undefined) expect(columns?.join(line)).toBe(text);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

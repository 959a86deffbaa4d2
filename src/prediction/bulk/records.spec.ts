import fc from 'fast-check';
import type { OrielError } from '../../errors.js';
import type { Feature } from '../features.js';
import { CsvReader, NdjsonReader, type BulkRecord, type RecordReader } from './records.js';

const feature = (name: string, more: Partial<Feature> = {}): Feature => ({
  name,
  type: 'float64',
  input: 0,
  shape: [],
  config: { name },
  ...more,
});
const FEATURES = [feature('a'), feature('b', { type: 'string' })];

/** What a reader makes of a text that is cut at these places. */
function read(reader: RecordReader, text: string, cuts: readonly number[] = []): BulkRecord[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const parts = places.slice(1).map((to, index) => text.slice(places[index], to));
  return [...parts.flatMap((part) => reader.push(part)), ...reader.end()];
}

/** A record in few words: its line, and its row or the code of its error. */
function brief({ line, row, error }: BulkRecord): unknown[] {
  return [line, error?.code ?? row];
}

describe('NdjsonReader', () => {
  const records = (text: string, limit = 100): unknown[] =>
    read(new NdjsonReader(limit, 64), text).map(brief);

  it('reads a value a line, with or without the last line end, and skips blank lines', () => {
    expect(records('\uFEFF{"a":1}\r\n\n  \n{"a":2}')).toEqual([
      [1, { a: 1 }],
      [4, { a: 2 }],
    ]);
    expect(records('')).toEqual([]);
  });

  it('names a line that is no JSON, or too long, and goes on', () => {
    expect(records(`{"a":\n"${'x'.repeat(200)}"\n3\n`)).toEqual([
      [1, 'malformed-json'],
      [2, 'line-too-long'],
      [3, 3],
    ]);
  });

  it('reads the same however the body was cut', () => {
    const line = fc.oneof(fc.json(), fc.constantFrom('', '{', ' ', 'ż'.repeat(60), '"\u2028"'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(500)), (lines, cuts) => {
        const text = lines.map((one) => one.replaceAll('\n', ' ')).join('\n');
        const inside = cuts.map((cut) => cut % (text.length + 1));
        expect(read(new NdjsonReader(50, 64), text, inside).map(brief)).toEqual(
          read(new NdjsonReader(50, 64), text).map(brief),
        );
      }),
    );
  });
});

describe('CsvReader', () => {
  const records = (text: string, limit = 100): unknown[] =>
    read(new CsvReader(FEATURES, limit), text).map(brief);
  const refusal = (text: string): unknown => {
    try {
      records(text);
    } catch (error) {
      return [(error as OrielError).code, ...(error as OrielError).faults.map(({ pointer }) => pointer)];
    }
    return null;
  };

  it('reads rows by the names of the header, in any order of columns', () => {
    expect(records('\uFEFFb,a\r\nx,1\r\n\r\n"y,""z""",2.5')).toEqual([
      [2, { b: 'x', a: 1 }],
      [4, { b: 'y,"z"', a: 2.5 }],
    ]);
  });

  it('lets a stray quote spoil its own line only', () => {
    const found = records('a,b\n1,x\n2,5" pipe\n3,y\n4,"q" w\n5,z\n');
    expect(found.map((one) => (one as unknown[])[0])).toEqual([2, 3, 4, 5, 6]);
    expect([found[0], found[2], found[4]]).toEqual([
      [2, { a: 1, b: 'x' }],
      [4, { a: 3, b: 'y' }],
      [6, { a: 5, b: 'z' }],
    ]);
  });

  it('reads a record that goes over several lines, and names it by its first', () => {
    expect(records('a,b\n1,"x\ny"\n2,z\n')).toEqual([
      [2, { a: 1, b: 'x\ny' }],
      [4, { a: 2, b: 'z' }],
    ]);
  });

  it('reads lines that end as RFC 4180 ends them, also with quotes in them', () => {
    expect(records('a,"b"\r\n1,"x"\r\n"2",y\r\n3,"v\r\nw"\r\n')).toEqual([
      [2, { a: 1, b: 'x' }],
      [3, { a: 2, b: 'y' }],
      [4, { a: 3, b: 'v\r\nw' }],
    ]);
    expect(records('a,b\r\n1,"x"\ry\r\n2,"z"\r\n')).toEqual([
      [2, 'malformed-csv'],
      [3, { a: 2, b: 'z' }],
    ]);
  });

  it('names a record that cannot be read and goes on', () => {
    expect(records(`a,b\n1\n1,x"y"\n1,${'x'.repeat(200)}\n1,"open\n`)).toEqual([
      [2, 'invalid-input'],
      [3, 'malformed-csv'],
      [4, 'line-too-long'],
      [5, 'malformed-csv'],
    ]);
  });

  it.each([
    ['', ['empty-body']],
    ['\n\n', ['empty-body']],
    ['a\n1', ['invalid-input', '/b']],
    ['a,b,c\n', ['invalid-input', '/c']],
    ['a,b,a\n', ['invalid-input', '/a']],
    ['a,"b', ['malformed-csv']],
  ])('refuses the whole of %j', (text, expected) => {
    expect(refusal(text)).toEqual(expected);
  });

  it.each([
    ['1', 1],
    ['-1.5e3', -1500],
    [' 7 ', 7],
    ['.5', 0.5],
    ['nan', 'NaN'],
    ['-INF', '-Infinity'],
    ['0x10', '0x10'],
    ['0b1', '0b1'],
    ['1_000', '1_000'],
    ['1e999', Infinity],
    ['', null],
  ])('reads the field %j of a number as %j', (field, value) => {
    expect(records(`a,b\n${field},x\n`)).toEqual([[2, { a: value, b: 'x' }]]);
  });

  it('reads the same however the body was cut', () => {
    const record = fc.tuple(
      fc.constantFrom('1', '2.5', '', 'x', '"3"'),
      fc.constantFrom('x', '"a,b"', '"two\nlines"', '""', 'bad"quote', ''),
    );
    fc.assert(
      fc.property(
        fc.array(record),
        fc.array(fc.nat(500)),
        fc.constantFrom('\n', '\r\n'),
        (rows, cuts, end) => {
          const text = ['a,b', ...rows.map((row) => row.join(','))].join(end);
          const inside = cuts.map((cut) => cut % (text.length + 1));
          expect(read(new CsvReader(FEATURES, 20), text, inside).map(brief)).toEqual(records(text, 20));
        },
      ),
    );
  });
});

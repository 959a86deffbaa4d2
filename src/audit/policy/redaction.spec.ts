import fc from 'fast-check';
import { appliesTo, REDACTED, Redactor, segmentsOf } from './redaction.js';

function redact(text: string, ...pointers: string[]): string {
  return new Redactor(pointers, 'input').redact(text).text;
}

describe('segmentsOf', () => {
  it.each([
    ['', []],
    ['/input/a~1b/m~0n', ['input', 'a/b', 'm~n']],
    ['/input//0', ['input', '', '0']],
    ['/~01', ['~1']],
    ['input', null],
    ['/a~2', null],
    ['/a~', null],
  ])('of %p is %p', (pointer, segments) => {
    expect(segmentsOf(pointer)).toEqual(segments);
  });

  it('tells what part of a record a pointer leads to', () => {
    expect(appliesTo(['/output/x', '/input'], 'input')).toBe(true);
    expect(appliesTo(['/output/x', '/inputs'], 'input')).toBe(false);
  });
});

describe('Redactor', () => {
  it.each([
    ['{"a":1,"b":2}', ['/input/a'], '{"a":"[redacted]","b":2}'],
    ['{"a":1,"b":2}', ['/input/c', '/output/a'], '{"a":1,"b":2}'],
    ['{"a":{"x":[1,2]},"b":2}', ['/input/a'], '{"a":"[redacted]","b":2}'],
    ['{"a":{"x":[1,2]}}', ['/input/a/x/1'], '{"a":{"x":[1,"[redacted]"]}}'],
    ['[{"a":1},{"a":2,"b":3}]', ['/input/a'], '[{"a":"[redacted]"},{"a":"[redacted]","b":3}]'],
    ['[{"a":1},{"a":2}]', ['/input/1'], '[{"a":1},"[redacted]"]'],
    ['[[1,2],[3,4]]', ['/input/*/1'], '[[1,"[redacted]"],[3,"[redacted]"]]'],
    ['{"p":{"a":1},"q":{"a":2}}', ['/input/*/a'], '{"p":{"a":"[redacted]"},"q":{"a":"[redacted]"}}'],
    ['{"a/b":1,"m~n":2}', ['/input/a~1b', '/input/m~0n'], '{"a/b":"[redacted]","m~n":"[redacted]"}'],
    ['{"":1}', ['/input/'], '{"":"[redacted]"}'],
    ['{"__proto__":1}', ['/input/__proto__'], '{"__proto__":"[redacted]"}'],
    [' { "a" : [ 1 , "x\\"]" ] , "b" : 2 } ', ['/input/a'], ' { "a" : "[redacted]" , "b" : 2 } '],
  ])('makes of %s with %j %s', (text, pointers, clean) => {
    expect(redact(text, ...pointers)).toBe(clean);
    expect(new Redactor(pointers, 'input').redact(text).redacted).toBe(clean !== text);
  });

  it('finds a name however it is written and however often', () => {
    expect(redact('{"a":1,"\\u0061":2,"a":{"a":3}}', '/input/a')).toBe(
      '{"a":"[redacted]","\\u0061":"[redacted]","a":"[redacted]"}',
    );
  });

  it('takes values out of an object that a later one of the same name hides', () => {
    expect(redact('{"a":{"b":5},"a":{}}', '/input/a/b')).toBe('{"a":{"b":"[redacted]"},"a":{}}');
  });

  it('keeps all digits of the numbers that stay', () => {
    expect(redact('{"id":9007199254740993,"x":1.50,"a":1}', '/input/a')).toBe(
      '{"id":9007199254740993,"x":1.50,"a":"[redacted]"}',
    );
  });

  it.each(['{"a":', '', '"a=1&b=2"', '5', 'a,b\n1,2', '{"a":1}{', 'null'])(
    'keeps nothing of %j, in which it cannot find anything',
    (text) => {
      expect(new Redactor(['/input/a'], 'input').redact(text)).toEqual({
        text: '"[redacted]"',
        redacted: true,
      });
    },
  );

  it('takes the whole when a pointer leads to it', () => {
    expect(redact('{"a":1}', '/input')).toBe('"[redacted]"');
  });

  it('reads what is nested deeper than any stack', () => {
    const deep = `{"b":${'['.repeat(200_000)}${']'.repeat(200_000)},"a":1}`;
    expect(redact(deep, '/input/a').endsWith(',"a":"[redacted]"}')).toBe(true);
    expect(redact(deep, '/input/b')).toBe('{"b":"[redacted]","a":1}');
  });

  it('takes out what going through the parsed value would, leaves the rest, and once is enough', () => {
    const name = fc.constantFrom('a', 'b', '0', '1', '"', 'x,y', '{', '\\');
    const value = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<unknown>(1, -2.5e-7, '', 'a"b\\', '],}', null, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
      ),
    })).tree;
    const pointer = fc
      .array(fc.oneof(name, fc.constant('*')), { maxLength: 3 })
      .map((segments) => ['', 'input', ...segments].join('/'));
    fc.assert(
      fc.property(
        value,
        fc.array(pointer, { minLength: 1, maxLength: 4 }),
        fc.nat(2),
        (tree, pointers, space) => {
          const text = JSON.stringify(tree, null, space);
          const clean = redact(text, ...pointers);
          const paths = pointers.map((one) => one.split('/').slice(2));
          expect(JSON.parse(clean)).toEqual(reference(tree, paths));
          expect(redact(clean, ...pointers)).toBe(clean);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

type Paths = readonly (readonly string[])[];

/** The same, over values. */
function reference(tree: unknown, paths: Paths): unknown {
  if (typeof tree !== 'object' || tree === null || paths.some((path) => path.length === 0)) return REDACTED;
  return Array.isArray(tree)
    ? tree.map((row, index) => taken(row, [...rest(paths, String(index)), ...paths]))
    : taken(tree, paths);
}

function taken(value: unknown, paths: Paths): unknown {
  if (paths.some((path) => path.length === 0)) return REDACTED;
  if (Array.isArray(value)) return value.map((one, index) => taken(one, rest(paths, String(index))));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, taken(one, rest(paths, name))]),
  );
}

function rest(paths: Paths, name: string): Paths {
  return paths.filter(([first]) => first === name || first === '*').map((path) => path.slice(1));
}

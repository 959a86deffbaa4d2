import fc from 'fast-check';
import { elementTexts, oneLine } from './json-text.js';

describe('oneLine', () => {
  it('takes out line ends between tokens, and nothing else', () => {
    expect(oneLine('\uFEFF {\r\n  "a": "x\\n  y",\n\n "b": 1.10 }\n')).toBe('{ "a": "x\\n  y", "b": 1.10 }');
  });

  it('keeps the value of any JSON, however it is laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t', '\r'), (value, space) => {
        const line = oneLine(
          JSON.stringify(value, null, space === '\r' ? 1 : space).replaceAll('\n', '\r\n'),
        );
        expect(line).not.toMatch(/[\r\n]/);
        expect(JSON.stringify(JSON.parse(line))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe('elementTexts', () => {
  it('gives the text of each element as it was sent', () => {
    expect(
      elementTexts(' [ {"n": 12345678901234567890, "s": "],\\"[\\\\"} ,1.0,\n[ [],{} ], "\\\\" ] '),
    ).toEqual(['{"n": 12345678901234567890, "s": "],\\"[\\\\"}', '1.0', '[ [],{} ]', '"\\\\"']);
    expect(elementTexts('[]')).toEqual([]);
    expect(elementTexts('[\n]')).toEqual([]);
  });

  it('gives texts that say what the elements of any array say', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('\\', '"', '\\"', '\\\\', ']', '[', ',', '{"'));
    const { element } = fc.letrec((tie) => ({
      element: fc.oneof(
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constant(null),
        tie('array'),
        tie('object'),
      ),
      array: fc.array(tie('element'), { maxLength: 3 }),
      object: fc.dictionary(text, tie('element'), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(fc.array(element), fc.constantFrom(0, 1), (values, space) => {
        const texts = elementTexts(JSON.stringify(values, null, space));
        expect(texts.map((one) => JSON.stringify(JSON.parse(one)))).toEqual(
          values.map((one) => JSON.stringify(one)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

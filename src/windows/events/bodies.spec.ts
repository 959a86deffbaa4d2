import fc from 'fast-check';
import type { OrielError } from '../../errors.js';
import { readDefinition } from '../definition/read.js';
import { decodeBody, type DecodedBody, type DecodedElement, type EventBody } from './bodies.js';
import { eventReader } from './reader.js';

const BOUNDS = { elements: 5, characters: 200 };
const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';
const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const CE = { specversion: '1.0', id: '1', source: 's', type: 't', time: '1970-01-01T00:00:00Z' };
const CE_HEADERS = {
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': 's',
  'ce-type': 't',
  'ce-time': '1970-01-01T00:00:00Z',
};

const definition = readDefinition({ eventTime: 't', id: 'id', windows: {}, key: ['k'] });
const reader = eventReader('definition' in definition ? definition.definition : (undefined as never));

function decode(
  contentType: string | undefined,
  text: string,
  headers: EventBody['headers'] = {},
): DecodedBody {
  return decodeBody({ contentType, text, headers }, reader, 9, BOUNDS);
}

function refusal(
  contentType: string | undefined,
  text: string,
  headers: EventBody['headers'] = {},
): OrielError {
  try {
    decode(contentType, text, headers);
  } catch (error) {
    return error as OrielError;
  }
  throw new Error('nothing was refused');
}

/** An element in few words: its index, and its line or what is wrong with it. */
function brief(element: DecodedElement): unknown[] {
  return 'errors' in element
    ? [element.index, element.errors.map(({ pointer, detail }) => `${pointer} ${detail}`)]
    : [element.index, element.line];
}

function lineOf({ elements: [first] }: DecodedBody): string {
  return first && 'line' in first ? first.line : '';
}

describe('a body of JSON', () => {
  it('is one event, or an array of them', () => {
    expect(decode(JSON_TYPE, '{"t":1,"id":1}')).toEqual({
      form: 'json',
      elements: [
        {
          index: 0,
          line: '{"t":1,"id":1}',
          read: {
            event: { time: 1, received: 9, source: null, key: '[null]', values: [] },
            id: '1',
            sentAt: null,
          },
        },
      ],
    });
    expect(
      decode('Application/JSON; charset=utf-8', '[{"t":1,"id":1},\n  {"t":2,\n "id":2.0}]').elements.map(
        brief,
      ),
    ).toEqual([
      [0, '{"t":1,"id":1}'],
      [1, '{"t":2, "id":2.0}'],
    ]);
    expect(decode(JSON_TYPE, '[]').elements).toEqual([]);
    expect(decode(JSON_TYPE, '\uFEFF[{"t":1,"id":1}]').elements.map(brief)).toEqual([[0, '{"t":1,"id":1}']]);
  });

  it('has what is wrong with one event said of that one', () => {
    expect(
      decode(JSON_TYPE, '[{"t":1,"id":1}, 5, {"t":"x","id":null}, [], {"t":3,"id":3}]').elements.map(brief),
    ).toEqual([
      [0, '{"t":1,"id":1}'],
      [1, [' must be an object']],
      [2, ['/t must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds', '/id is missing']],
      [3, [' must be an object']],
      [4, '{"t":3,"id":3}'],
    ]);
    expect(decode(JSON_TYPE, '"x"').elements.map(brief)).toEqual([[0, [' must be an object']]]);
  });

  it('is refused as a whole where it is none', () => {
    expect(refusal(JSON_TYPE, '')).toMatchObject({ kind: 'malformed', code: 'empty-body' });
    expect(refusal(JSON_TYPE, '[{"t":1},')).toMatchObject({ kind: 'malformed', code: 'malformed-json' });
    expect(refusal(JSON_TYPE, '{"t":x}').message).toBe('The body is not valid JSON.');
    expect(refusal(JSON_TYPE, '{"t":1 2}').message).toBe('The body is not valid JSON: see character 7.');
  });

  it('is refused as a whole where it is too long, and one event where that is', () => {
    expect(decode(JSON_TYPE, '[1,2,3,4,5]').elements).toHaveLength(5);
    expect(refusal(JSON_TYPE, '[1,2,3,4,5,6]')).toMatchObject({ kind: 'tooLarge', code: 'too-many-events' });
    const long = `{"t":1,"id":"${'x'.repeat(200)}"}`;
    expect(decode(JSON_TYPE, `[${long},{"t":1,"id":1}]`).elements.map(brief)).toEqual([
      [0, [' must have at most 200 characters']],
      [1, '{"t":1,"id":1}'],
    ]);
    expect(decode(JSON_TYPE, long).elements.map(brief)).toEqual([[0, [' must have at most 200 characters']]]);
  });
});

describe('a body of NDJSON', () => {
  it('is an event a line, blank lines left out, each line kept as it was sent', () => {
    const text = '\uFEFF {"t": 1, "id": 10000000000000001.0, "n": 1e999}\r\n\n \t\r\n{"t":2,"id":2}';
    expect(decode(NDJSON, text).elements.map(brief)).toEqual([
      [0, ['/id must be sent as a text, since as a number it is not exact beyond 2^53']],
      [1, '{"t":2,"id":2}'],
    ]);
    expect(decode(NDJSON, ' {"t": 1,\r"id": "x", "n": 1e999} \n').elements.map(brief)).toEqual([
      [0, '{"t": 1, "id": "x", "n": 1e999}'],
    ]);
    expect(decode(NDJSON, '').elements).toEqual([]);
  });

  it('has a line that cannot be read named by its index, and the others kept', () => {
    const lines = ['{"t":1,"id":1}', '{"t":', '', '{"t":1 "id"}', 'x'.repeat(201), '[]'];
    expect(decode(NDJSON, lines.join('\n')).elements.map(brief)).toEqual([
      [0, '{"t":1,"id":1}'],
      [1, [' is not valid JSON: it ends too early']],
      [2, [' is not valid JSON: see character 7']],
      [3, [' must have at most 200 characters']],
      [4, [' must be an object']],
    ]);
  });

  it('is refused as a whole where it has too many lines', () => {
    expect(decode(NDJSON, '1\n'.repeat(5)).elements).toHaveLength(5);
    expect(refusal(NDJSON, '1\n'.repeat(6)).code).toBe('too-many-events');
  });

  it('has marks among its events', () => {
    expect(decode(NDJSON, '{"$watermark":"end"}').elements).toEqual([
      {
        index: 0,
        line: '{"$watermark":"end"}',
        read: { mark: { source: undefined, time: Infinity, received: 9 } },
      },
    ]);
  });
});

describe('a body of CloudEvents', () => {
  it('is one event in structured mode', () => {
    const text = JSON.stringify({ ...CE, data: { k: 'A' } });
    expect(decode(`${STRUCTURED}; charset=UTF-8`, text)).toMatchObject({
      form: 'cloudevents',
      elements: [{ line: text, read: { id: '["s","1"]', event: { time: 0, key: '["A"]' } } }],
    });
    expect(refusal(STRUCTURED, `[${text}]`)).toMatchObject({ kind: 'invalid', code: 'invalid-events' });
  });

  it('is an array of them in a batch', () => {
    const text = JSON.stringify([CE, { ...CE, id: '' }, { $watermark: 'end' }]);
    const { form, elements } = decode(BATCH, text);
    expect(form).toBe('cloudevents');
    expect(elements.map(brief)).toEqual([
      [0, JSON.stringify(CE)],
      [1, ['/id must be a text that is not empty']],
      [2, '{"$watermark":"end"}'],
    ]);
    expect(refusal(BATCH, JSON.stringify(CE)).faults).toEqual([
      { pointer: '', detail: 'must be an array of CloudEvents' },
    ]);
  });

  it('is the data of one event in binary mode, its attributes in headers', () => {
    const body = decode(JSON_TYPE, '{\n"k": 1.0}', {
      ...CE_HEADERS,
      'ce-subject': 'Euro%20%E2%82%AC%21',
      host: 'x',
    });
    expect(lineOf(body)).toBe(
      `${JSON.stringify({ ...CE, subject: 'Euro €!', datacontenttype: JSON_TYPE }).slice(0, -1)},"data":{ "k": 1.0}}`,
    );
    expect(body).toMatchObject({ form: 'cloudevents', elements: [{ read: { event: { key: '[1]' } } }] });
  });

  it('is read again from its line as it was read', () => {
    const attribute = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
      .filter((text) => text.trim() === text);
    fc.assert(
      fc.property(attribute, attribute, fc.jsonValue({ maxDepth: 2 }), (id, source, k) => {
        const headers = {
          ...CE_HEADERS,
          'ce-id': encodeURIComponent(id),
          'ce-source': encodeURIComponent(source),
        };
        const big = { elements: 5, characters: 1e6 };
        const text = JSON.stringify({ k }, null, 1);
        const binary = decodeBody({ contentType: JSON_TYPE, text, headers }, reader, 9, big);
        const again = decodeBody(
          { contentType: STRUCTURED, text: lineOf(binary) || '{}', headers: {} },
          reader,
          9,
          big,
        );
        if ('line' in binary.elements[0]!) expect(again).toEqual(binary);
        else expect(typeof k === 'object' || Math.abs(k as number) > 2 ** 53).toBe(true);
      }),
    );
  });

  it('takes quotes off a header, and decodes it once', () => {
    const sourceOf = (source: string): unknown =>
      (JSON.parse(lineOf(decode(undefined, '', { ...CE_HEADERS, 'ce-source': source }))) as typeof CE).source;
    expect([sourceOf('"a \\"b\\" \\\\"'), sourceOf('a%2520b'), sourceOf(' a ')]).toEqual([
      'a "b" \\',
      'a%20b',
      'a',
    ]);
  });

  it('has headers named that are no attributes', () => {
    const errors = (headers: object): unknown =>
      decode(undefined, '', { ...CE_HEADERS, ...headers }).elements.map(brief);
    expect(errors({ 'ce-source': '%C0%A0', 'ce-subject': '50%' })).toEqual([
      [0, ['/source must be percent-encoded UTF-8', '/subject must be percent-encoded UTF-8']],
    ]);
    expect(errors({ 'ce-data': 'x', 'ce-a_b': 'x', 'ce-datacontenttype': 'x' })).toEqual([
      [
        0,
        ['/data', '/a_b', '/datacontenttype'].map(
          (one) => `${one} cannot be an attribute in a header of its own`,
        ),
      ],
    ]);
  });

  it('is one already by one of its headers, and then all that are required must be there', () => {
    expect(decode(JSON_TYPE, '{}', { 'ce-id': 'x' }).elements.map(brief)).toEqual([
      [0, ['/specversion is missing', '/source is missing', '/type is missing', '/time is missing']],
    ]);
    expect(decode(JSON_TYPE, '{"t":1,"id":1}', { 'ce-other': 'x' }).form).toBe('json');
  });

  it('can have text for its data, or none, but nothing that is no text', () => {
    expect(lineOf(decode('text/plain', 'a\nb', CE_HEADERS))).toBe(
      JSON.stringify({ ...CE, datacontenttype: 'text/plain', data: 'a\nb' }),
    );
    expect(lineOf(decode(JSON_TYPE, '', CE_HEADERS))).toBe(
      JSON.stringify({ ...CE, datacontenttype: JSON_TYPE }),
    );
    expect(refusal('image/png', 'x', CE_HEADERS).kind).toBe('unsupportedMediaType');
    expect(refusal(JSON_TYPE, '{', CE_HEADERS).code).toBe('malformed-json');
  });

  it('is structured where its content type says so, whatever its headers', () => {
    expect(lineOf(decode(STRUCTURED, JSON.stringify(CE), { ...CE_HEADERS, 'ce-id': '2' }))).toBe(
      JSON.stringify(CE),
    );
  });
});

describe('an element of any body', () => {
  it('can be nested as deep as it can be written again, wherever it is', () => {
    const nested = (depth: number): string => `{"t":1,"id":1,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decode(NDJSON, nested(63)).elements.map(brief)).toEqual([[0, nested(63)]]);
    for (const [type, text] of [
      [NDJSON, nested(64)],
      [JSON_TYPE, nested(64)],
      [JSON_TYPE, `[${nested(64)}]`],
    ] as const)
      expect(decode(type, text).elements.map(brief)).toEqual([[0, [' is nested more than 64 deep']]]);
  });
});

describe('a body of another kind', () => {
  it.each(['text/csv', 'application/cloudevents+xml', '', undefined])('is refused: %p', (type) => {
    expect(refusal(type, '{}')).toMatchObject({
      kind: 'unsupportedMediaType',
      code: 'unsupported-media-type',
    });
  });
});

describe('events in any form', () => {
  it('are the same as an array or as lines, and their lines read as they do', () => {
    const event = fc.record({
      t: fc.integer(),
      id: fc.string({ minLength: 1 }),
      k: fc.oneof(fc.string(), fc.double({ noNaN: true, noInteger: true, noDefaultInfinity: true })),
    });
    const bounds = { elements: 100, characters: 10_000 };
    const of = (contentType: string, text: string): DecodedBody =>
      decodeBody({ contentType, text, headers: {} }, reader, 9, bounds);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 10 }), (events) => {
        const lines = events.map((one) => JSON.stringify(one));
        const decoded = of(NDJSON, lines.join('\n'));
        expect(of(JSON_TYPE, JSON.stringify(events))).toEqual(decoded);
        expect(decoded.elements.map((one) => 'line' in one && one.line)).toEqual(lines);
      }),
    );
  });
});

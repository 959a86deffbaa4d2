/** What the server is attacked with: valid requests of every tongue, and what mutation makes of them. */
import fc from 'fast-check';
import { viewDefinition } from '../../src/windows/definition/view.js';
import { HOUSE } from '../houses.js';
import { streamDefinitions } from '../stream-definitions.js';
import { jsonBodies, mutatedBytes, ODD_VALUES, type Bytes } from './mutations.js';

export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Bytes;
}

const BOSTON = '/v1/models/boston-housing';
const JSON_TYPE = { 'content-type': 'application/json' };

/** A request whose body is one of `bodies`. */
function posts(
  path: string | fc.Arbitrary<string>,
  headers: Record<string, string> | fc.Arbitrary<Record<string, string>>,
  bodies: fc.Arbitrary<Bytes>,
): fc.Arbitrary<FuzzRequest> {
  return fc.record({
    method: fc.constant('POST'),
    path: typeof path === 'string' ? fc.constant(path) : path,
    headers:
      'content-type' in headers ? fc.constant(headers) : (headers as fc.Arbitrary<Record<string, string>>),
    body: bodies,
  });
}

/** Text that may stand in a header: what is not Latin-1 cannot be sent. */
const headerText = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => text.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '')),
  fc.constantFrom(
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
    'NaN',
    '0x10',
    ' 5',
    '5,5',
    '*',
    '*/*;q=2',
    'W/"x"',
    '"',
    'text/csv;q=0',
    'gzip',
    'identity;q=0, *;q=0',
    '00-zz-zz-01',
    '2026-99-99',
  ),
);

const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
  'BF16',
  'FP128',
  '',
];
const V2_MODELS = [
  'same-fp32',
  'same-fp16',
  'same-fp64',
  'same-int8',
  'same-int16',
  'same-int32',
  'same-int64',
  'same-uint8',
  'same-uint16',
  'same-uint32',
  'same-uint64',
  'same-bool',
  'same-bytes',
  'same-open',
  'same-row',
  'same-scalar',
  'same-fixed',
  'add-sub',
  'filled',
  'nobody',
];
const WIDTH: Record<string, number> = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  FP16: 2,
  UINT32: 4,
  INT32: 4,
  FP32: 4,
  UINT64: 8,
  INT64: 8,
  FP64: 8,
};
const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(-1, 2 ** 31, 2 ** 53, 1e308, '2', null, 1.5) },
);

/** The type that a model takes, as its name says. */
function typeOf(model: string): string {
  const said = model.replace('same-', '').toUpperCase();
  return DATATYPES.includes(said) ? said : 'FP32';
}

const tensor = fc
  .record({
    name: fc.oneof(
      { weight: 8, arbitrary: fc.constant('x') },
      { weight: 1, arbitrary: fc.constantFrom('', 'a', 'b', '__proto__') },
    ),
    datatype: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...DATATYPES) },
    ),
    shape: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown[]>([1, 2], [2, 2], [3, 2], [0, 2]) },
      { weight: 3, arbitrary: fc.array(size, { maxLength: 5 }) },
    ),
    wrong: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) },
    ),
    fill: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    said: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD_VALUES) },
    ),
  })
  .map((drawn) => (model: string) => {
    const { name, shape, wrong, fill, said } = drawn;
    const datatype = drawn.datatype ?? typeOf(model);
    const elements = shape.reduce<number>((product, one) => product * (typeof one === 'number' ? one : 1), 1);
    const width = WIDTH[datatype] ?? 5;
    const length = Number.isInteger(elements) && elements >= 0 && elements < 64 ? elements * width : 16;
    const bytes = Buffer.alloc(Math.max(0, length + wrong), Buffer.from(fill));
    if (datatype === 'BYTES')
      for (let at = 0; at + 5 <= bytes.length; at += 5) bytes.writeUInt32LE(fill[0] === 0 ? 7 : 1, at); // a length before each text
    return {
      tensor: { name, datatype, shape, parameters: { binary_data_size: said ?? bytes.length } },
      bytes,
    };
  });

const binaryTensors = fc
  .record({
    model: fc.constantFrom(...V2_MODELS),
    tensors: fc.oneof(
      { weight: 5, arbitrary: fc.array(tensor, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(tensor, { minLength: 1, maxLength: 3 }) },
    ),
    parameters: fc.option(
      fc.record({ binary_data_output: fc.constantFrom<unknown>(true, false, 1, null) }, { requiredKeys: [] }),
    ),
    shift: fc.oneof(
      { weight: 6, arbitrary: fc.constant('0') },
      { weight: 1, arbitrary: fc.oneof(fc.integer({ min: -20, max: 20 }).map(String), headerText) },
    ),
    rest: fc.uint8Array({ maxLength: 6 }),
    extra: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
    type: fc.constantFrom(
      'application/octet-stream',
      'application/octet-stream',
      'application/json',
      'text/plain',
    ),
  })
  .map(({ model, tensors: drawn, parameters, shift, rest, extra, type }): FuzzRequest => {
    const tensors = drawn.map((make) => make(model));
    const head = Buffer.from(
      JSON.stringify({
        id: 'f',
        inputs: tensors.map((one) => one.tensor),
        ...(parameters ? { parameters } : {}),
      }),
    );
    const length = /^-?\d+$/.test(shift) ? String(head.length + Number(shift)) : shift;
    return {
      method: 'POST',
      path: `/v2/models/${model}/infer`,
      headers: { 'content-type': type, 'inference-header-content-length': length },
      body: Buffer.concat([head, ...tensors.map((one) => one.bytes), ...(extra ? [rest] : [])]),
    };
  });

const v2Seed = {
  id: 'a',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] }],
  outputs: [{ name: 'y', parameters: { classification: 1, binary_data: false } }],
  parameters: { timeout: 1_000_000 },
};
const v2Json = posts(
  fc.constantFrom(...V2_MODELS).map((model) => `/v2/models/${model}/infer`),
  JSON_TYPE,
  jsonBodies(v2Seed),
);

const csvRows = `${Object.keys(HOUSE).join(',')}\n${`${Object.values(HOUSE).join(',')}\n`.repeat(3)}`;
const csv = posts(
  fc
    .constantFrom('', '?onError=skip', '?onError=stop', '?onError=x')
    .map((query) => `${BOSTON}/predict${query}`),
  fc
    .constantFrom('*/*', 'text/csv', 'application/x-ndjson', 'application/json')
    .map((accept) => ({ 'content-type': 'text/csv', accept })),
  fc.oneof(
    mutatedBytes(Buffer.from(csvRows)),
    fc
      .array(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('"', '""', '1', '\r', '=1+1')), { maxLength: 15 }),
        { maxLength: 8 },
      )
      .map((rows) =>
        Buffer.from(`${Object.keys(HOUSE).join(',')}\n${rows.map((row) => row.join(',')).join('\n')}`),
      ),
  ),
);

/** Lines of JSON, some of which are wrong. */
const lines = (seed: unknown): fc.Arbitrary<Bytes> =>
  fc
    .array(jsonBodies(seed), { minLength: 1, maxLength: 6 })
    .map((all) => Buffer.concat(all.flatMap((line) => [line, Buffer.from('\n')])));

const ndjson = posts(
  fc.constantFrom('', '?onError=skip', '?onError=stop').map((query) => `${BOSTON}/predict${query}`),
  fc
    .constantFrom('*/*', 'text/csv', 'application/x-ndjson')
    .map((accept) => ({ 'content-type': 'application/x-ndjson', accept })),
  lines(HOUSE),
);
const predictions = posts(
  fc.constantFrom('/predict', '/versions/1/predict', '/labels/stable/predict').map((end) => BOSTON + end),
  JSON_TYPE,
  fc.oneof(jsonBodies(HOUSE), jsonBodies([HOUSE, HOUSE])),
);

const tfs = posts(
  `${BOSTON}:predict`,
  JSON_TYPE,
  fc.oneof(
    jsonBodies({ signature_name: 'serving_default', instances: [HOUSE] }),
    jsonBodies({ inputs: [Object.values(HOUSE)] }),
    jsonBodies({ instances: [Object.values(HOUSE), { b64: 'AAAA' }] }),
  ),
);
const mlflow = posts(
  `${BOSTON}/invocations`,
  fc
    .constantFrom('application/json', 'application/json', 'application/json', 'text/csv')
    .map((type) => ({ 'content-type': type })),
  fc.oneof(
    jsonBodies({
      dataframe_split: { columns: Object.keys(HOUSE), index: [0], data: [Object.values(HOUSE)] },
    }),
    jsonBodies({ dataframe_records: [HOUSE] }),
    jsonBodies({ instances: [HOUSE], params: {} }),
    jsonBodies({ inputs: HOUSE }),
    mutatedBytes(Buffer.from(csvRows)),
  ),
);

const EVENT = { id: 'e1', car: 'A', device: 'a', time: '2026-01-31T12:00:10Z', speed: 40 };
const CLOUD = {
  specversion: '1.0',
  id: 'c1',
  source: '/a',
  type: 't',
  time: '2026-01-31T12:00:10Z',
  datacontenttype: 'application/json',
  data: { car: 'A', speed: 4 },
};
/** Streams that take what comes; definitions come to others. */
const EVENTS = '/v1/streams/cars/events';
const events = posts(
  fc.constantFrom('', '?atomic=true', '?atomic=1', '?x').map((query) => EVENTS + query),
  JSON_TYPE,
  fc.oneof(
    jsonBodies(EVENT),
    jsonBodies([EVENT, { ...EVENT, id: 'e2' }, { $watermark: '2026-01-31T12:05:00Z', device: 'a' }]),
  ),
);
const eventLines = posts(EVENTS, { 'content-type': 'application/x-ndjson' }, lines(EVENT));
const cloudEvents = fc.oneof(
  posts(EVENTS, { 'content-type': 'application/cloudevents+json' }, jsonBodies(CLOUD)),
  posts(
    EVENTS,
    { 'content-type': 'application/cloudevents-batch+json' },
    jsonBodies([CLOUD, { ...CLOUD, id: 'c2' }]),
  ),
  posts(
    EVENTS,
    fc
      .dictionary(
        fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-time', 'ce-specversion', 'ce-car', 'ce-'),
        headerText,
        { maxKeys: 7 },
      )
      .map((own) => ({
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': '/a',
        'ce-type': 't',
        'content-type': 'application/json',
        ...own,
      })),
    jsonBodies(CLOUD.data),
  ),
);

const definitions = fc
  .tuple(fc.nat(5), streamDefinitions.map(viewDefinition), fc.constantFrom('', '?restart=true', '?restart=2'))
  .chain(([number, definition, query]) =>
    jsonBodies(definition).map((body): FuzzRequest => ({
      method: 'PUT',
      path: `/v1/streams/s${number}${query}`,
      headers: JSON_TYPE,
      body,
    })),
  );

const FILTER_WORDS = [
  'model',
  'status',
  'latency.total',
  'time',
  'NOT',
  '-',
  'AND',
  'OR',
  '(',
  ')',
  '=',
  '!=',
  '>',
  '<=',
  ':',
  '"a',
  '"boston*"',
  '*',
  '500',
  '1e999',
  '100ms',
  '2026-01-31T12:00:00Z',
  '\\',
  'a.b.c',
  'f(',
  ',',
  'true',
  'null',
  '💥',
  '\u0000',
];
const filters = fc.oneof(
  fc.array(fc.constantFrom(...FILTER_WORDS), { maxLength: 14 }).map((words) => words.join(' ')),
  fc.string({ maxLength: 60 }),
  fc.nat(3000).map((deep) => `${'('.repeat(deep)}status=1${')'.repeat(deep)}`),
  fc.integer({ min: 1, max: 400 }).map((many) => Array(many).fill('NOT status = 200').join(' AND ')),
);
const filterRequests = filters.map((filter): FuzzRequest => ({
  method: 'GET',
  path: `/v1/audit/requests?limit=3&filter=${encoded(filter)}`,
  headers: {},
}));

/** A text as a part of an address; half of a character cannot be one. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

const token = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.base64String({ maxLength: 120 }),
  mutatedBytes(Buffer.from('{"id":"01a209ca-ef49-727c-8d8d-07d2f6225cac","asOf":3}')).map((bytes) =>
    bytes.toString('base64url'),
  ),
  fc.constantFrom(...ODD_VALUES).map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
);
const QUERIES: Record<string, readonly string[]> = {
  '/v1/audit/requests': [
    'model',
    'version',
    'status',
    'outcome',
    'principal',
    'route',
    'clientRequestId',
    'minLatency',
    'from',
    'to',
    'filter',
    'order',
    'limit',
    'pageToken',
  ],
  '/v1/audit/stats': ['by', 'every', 'from', 'to', 'filter'],
  [`${BOSTON}/quality`]: ['by', 'every', 'from', 'to'],
  [`${BOSTON}/predict`]: [...Object.keys(HOUSE)],
  '/v1/streams': ['limit', 'pageToken'],
  '/v1/streams/cars/windows/minute': ['from', 'to', 'key.car', 'state', 'fill', 'limit', 'pageToken'],
  '/v1/streams/cars/late': ['missed', 'limit', 'pageToken', 'from'],
  '/v1/streams/cars/clock': ['x'],
  '/v1/streams/cars/times': ['from', 'to'],
};
const tokens = fc
  .tuple(
    fc.constantFrom(
      '/v1/audit/requests',
      '/v1/streams/cars/windows/minute',
      '/v1/streams/cars/late',
      '/v1/streams',
    ),
    token,
  )
  .map(([path, text]): FuzzRequest => ({
    method: 'GET',
    path: `${path}?pageToken=${encoded(text)}`,
    headers: {},
  }));
const queryValue = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom(...ODD_VALUES).map(String),
  fc.constantFrom(
    '1m',
    '1ms',
    '0',
    '1',
    '2026-01-31T12:00:00Z',
    'null',
    'previous',
    'linear',
    'open,final',
    'model,status',
    '-latency',
    '4xx',
    '9e9',
    '6.5',
  ),
);
const queries = fc.constantFrom(...Object.entries(QUERIES)).chain(([path, names]) =>
  fc
    .array(
      fc.tuple(
        fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...names) },
          { weight: 1, arbitrary: fc.constantFrom('__proto__', 'a[b]', '', 'constructor') },
        ),
        queryValue,
      ),
      { maxLength: 5 },
    )
    .map((all): FuzzRequest => ({
      method: 'GET',
      path: `${path}?${all.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')}`,
      headers: {},
    })),
);

const HEADERS = [
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-type',
  'if-none-match',
  'if-match',
  'range',
  'request-timeout',
  'event-time',
  'traceparent',
  'x-request-id',
  'authorization',
  'user-agent',
  'last-event-id',
  'origin',
  'cookie',
  'inference-header-content-length',
  'cache-control',
  'x-forwarded-for',
  'expect-ct',
];
const headers = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'QUERY'),
  path: fc.oneof(
    fc.constantFrom(
      `${BOSTON}/predict`,
      '/v1/models',
      '/openapi.json',
      '/health',
      '/v1/audit/requests',
      '/v2/models/same-fp32/infer',
      `${BOSTON}:predict`,
      '/v1/streams/cars/windows/minute',
      '/v1/keys',
      '/metrics',
    ),
    fc.webPath().map((path) => path || '/'),
    fc.constantFrom(
      '/%00',
      '/%ff',
      '/..%2f..%2fetc/passwd',
      '//',
      '/v1/models/%2e%2e',
      '/v1/models/a%2fb',
      '/docs/../package.json',
      '/docs/%2e%2e/%2e%2e/package.json',
      '/v1/models/__proto__',
      '/v1/streams/constructor',
    ),
  ),
  headers: fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 6 }),
});

/** The attacks by name; each makes requests without end. */
export const ATTACKS: Readonly<Record<string, fc.Arbitrary<FuzzRequest>>> = {
  'V2 binary tensors': binaryTensors,
  'V2 JSON': v2Json,
  'predictions, JSON': predictions,
  'predictions, NDJSON': ndjson,
  'predictions, CSV': csv,
  'TF Serving': tfs,
  MLflow: mlflow,
  'events, JSON': events,
  'events, NDJSON': eventLines,
  CloudEvents: cloudEvents,
  'stream definitions': definitions,
  'audit filters': filterRequests,
  'page tokens': tokens,
  'query parameters': queries,
  'headers, methods, paths': headers,
};

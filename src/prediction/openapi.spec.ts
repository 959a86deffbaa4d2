import type { ModelEntry } from './catalog.js';
import { featuresOf } from './features.js';
import type { FeatureConfig, ModelConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';
import { predictionPaths } from './openapi.js';
import type { ElementType, Signature } from './signature.js';

function loaded(version: string, type: ElementType, features: FeatureConfig[]): ModelVersion {
  const signature = { inputs: [{ name: 'x', type, shape: [null, features.length] }] } as unknown as Signature;
  return {
    parts: { version, signature },
    features: featuresOf(signature, features),
  } as unknown as ModelVersion;
}

function modelOf(config: ModelConfig, ...features: FeatureConfig[]): ModelEntry {
  const versions = [
    { version: '2', state: 'ready', loaded: loaded('2', 'float32', features) },
    { version: '1', state: 'ready', loaded: loaded('1', 'int64', features) },
    { version: '0', state: 'failed', reason: 'it is broken' },
  ] as const;
  return { name: 'm', config, versions: [...versions] };
}

interface Operation {
  operationId: string;
  requestBody: {
    content: { 'application/json': { schema: { oneOf: [{ properties: object }] }; examples?: object } };
  };
  parameters: { name: string; required: boolean; example?: unknown }[];
}
const operation = (paths: object, path: string, method: 'get' | 'post' | 'query'): Operation =>
  (paths as Record<string, Record<string, Operation>>)[path]![method]!;

describe('predictionPaths', () => {
  const example = { input: { a: 1, b: 2 }, prediction: [3] };
  const config: ModelConfig = { labels: { stable: '1', broken: '0' }, defaultLabel: 'stable', example };
  const model = modelOf(
    config,
    { name: 'a', description: 'the first', unit: 'm', observed: [1, 2], min: 0, max: 9 },
    { name: 'b', default: 5 },
  );
  const paths = predictionPaths([model]);

  it('has the routes of what is loaded, and of nothing else', () => {
    expect(Object.keys(paths).sort()).toEqual([
      '/v1/models/m/labels/stable/predict',
      '/v1/models/m/predict',
      '/v1/models/m/versions/1/predict',
      '/v1/models/m/versions/2/predict',
    ]);
  });

  it('gives each body the types of its own version', () => {
    const properties = (path: string): object =>
      operation(paths, path, 'post').requestBody.content['application/json'].schema.oneOf[0].properties;
    expect(properties('/v1/models/m/versions/2/predict')).toEqual({
      a: {
        type: 'number',
        format: 'float',
        minimum: 0,
        maximum: 9,
        description: 'the first; in m; seen in training: 1 to 2',
      },
      b: { type: 'number', format: 'float', default: 5 },
    });
    expect(properties('/v1/models/m/predict')).toMatchObject({
      a: { oneOf: [{ type: 'integer' }, { type: 'string', pattern: '^-?\\d{1,19}$' }] },
    }); // the default label's
  });

  it('takes null where a body may have it, and none in a query', () => {
    const [, { post, get }] = Object.entries(
      predictionPaths([modelOf({}, { name: 'a', nullable: true })]),
    )[0]!;
    expect(JSON.stringify(post)).toContain('"type":["number","null"]');
    expect(JSON.stringify(get)).not.toContain('null');
  });

  it('documents QUERY as the same question as POST', () => {
    const bodiesOf = (method: 'post' | 'query'): Record<string, unknown> =>
      (operation(paths, '/v1/models/m/predict', method).requestBody as { content: Record<string, unknown> })
        .content;
    expect(bodiesOf('query')).toEqual({ 'application/json': bodiesOf('post')['application/json'] });
    expect(Object.keys(bodiesOf('post'))).toEqual(['application/json', 'application/x-ndjson', 'text/csv']);
  });

  it('asks only for features without a default, and shows the working example', () => {
    expect(operation(paths, '/v1/models/m/predict', 'get').parameters).toMatchObject([
      { name: 'a', in: 'query', required: true, example: 1 },
      { name: 'b', in: 'query', required: false, example: 2 },
      { name: 'Event-Time', in: 'header', required: false },
    ]);
    expect(
      operation(paths, '/v1/models/m/predict', 'post').requestBody.content['application/json'],
    ).toMatchObject({
      schema: { oneOf: [{ required: ['a'], additionalProperties: false }, { type: 'array' }] },
      examples: { one: { value: example.input }, many: { value: [example.input, example.input] } },
    });
  });

  it('names every operation once', () => {
    const ids = Object.values(paths).flatMap((item) =>
      Object.values(item as Record<string, Operation>).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

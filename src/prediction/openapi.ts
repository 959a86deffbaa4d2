import type { OpenAPIObject } from '@nestjs/swagger';
import { A_TIME } from '../http/time-docs.js';
import { problemResponse } from '../http/problem-docs.js';
import { defaultVersion, type ModelEntry } from './catalog.js';
import type { Feature } from './features.js';
import { exampleOf } from './version-opener.js';
import type { ModelVersion } from './model-version.js';
import type { ElementType } from './signature.js';
import { integerRange, isFloat } from './values.js';

type Paths = OpenAPIObject['paths'];
type Schema = Record<string, unknown>;

/** The prediction routes of every model that is loaded, each with its own typed body and working example. */
export function predictionPaths(models: readonly ModelEntry[]): Paths {
  const paths: Paths = {};
  for (const model of models) {
    const byDefault = model.versions.find(({ version }) => version === defaultVersion(model))?.loaded;
    if (byDefault) paths[`/v1/models/${model.name}/predict`] = pathOf(model, byDefault, 'default version');
    for (const { loaded, version } of model.versions) {
      if (loaded)
        paths[`/v1/models/${model.name}/versions/${version}/predict`] = pathOf(
          model,
          loaded,
          `version ${version}`,
        );
    }
    for (const [label, version] of Object.entries(model.config.labels ?? {})) {
      const loaded = model.versions.find((entry) => entry.version === version)?.loaded;
      if (loaded)
        paths[`/v1/models/${model.name}/labels/${label}/predict`] = pathOf(model, loaded, `label ${label}`);
    }
  }
  return paths;
}

function pathOf(model: ModelEntry, version: ModelVersion, which: string): Paths[string] {
  const id = `${model.name} ${which}`.replaceAll(/[^A-Za-z0-9]+/g, '_');
  const summary = `Ask ${model.config.title ?? model.name}, ${which}`;
  const common = { tags: [model.name], description: model.config.description };
  const answers = responses(model, version);
  const unchanged = {
    304: { description: 'The caller has the answer already: its `If-None-Match` says so.' },
  };
  const requestBody = { required: true, content: { 'application/json': bodyOf(model, version) } };
  return {
    post: {
      ...common,
      operationId: `predict_${id}`,
      summary: `${summary}: one row, some, or a file of them`,
      parameters: [ON_ERROR, EVENT_TIME],
      requestBody: { ...requestBody, content: { ...requestBody.content, ...BULK_BODIES } },
      responses: {
        ...answers,
        200: { ...answers[200], content: { ...answers[200].content, ...BULK_ANSWERS } },
      },
    },
    get: {
      ...common,
      operationId: `query_${id}`,
      summary: `${summary}, for one row`,
      parameters: [...parametersOf(model, version), EVENT_TIME],
      responses: { ...answers, ...unchanged },
    },
    query: {
      ...common,
      operationId: `ask_${id}`,
      summary: `${summary}, safely: the answer may be cached`,
      parameters: [EVENT_TIME],
      requestBody,
      responses: { ...answers, ...unchanged },
    },
  } as unknown as Paths[string];
}

/** What the stream `predictions` takes for the time of the question. */
const EVENT_TIME = {
  name: 'Event-Time',
  in: 'header',
  required: false,
  description:
    'When the question arose, if that was before it was sent: the event time in the stream `predictions`.',
  schema: A_TIME,
};

/** Files of rows: their lines are documented with the README, since OpenAPI has no words for them. */
const BULK_BODIES = {
  'application/x-ndjson': { schema: { type: 'string', description: 'A JSON object of features a line.' } },
  'text/csv': {
    schema: { type: 'string', description: 'A header that names the features, then a row a line.' },
  },
};
const BULK_ANSWERS = {
  'application/x-ndjson': {
    schema: {
      type: 'string',
      description: 'A line a row: `prediction`, or `line`, `code` and `errors` where it has none.',
    },
  },
  'text/csv': {
    schema: { type: 'string', description: 'A header, then a line a row: `prediction` and further outputs.' },
  },
};
const ON_ERROR = {
  name: 'onError',
  in: 'query',
  required: false,
  description:
    'What becomes of a wrong row of a CSV or NDJSON body: `answer` tells it in its place (NDJSON, the default there), `skip` leaves it out, `stop` ends the answer (CSV, the default there).',
  schema: { enum: ['answer', 'skip', 'stop'] },
};

function bodyOf(model: ModelEntry, version: ModelVersion): Schema {
  const row = rowSchema(version);
  const example = exampleOf(model.config, version.parts.version)?.input;
  return {
    schema: { oneOf: [row, { type: 'array', items: row }] },
    ...(example
      ? {
          examples: {
            one: { summary: 'One row', value: example },
            many: { summary: 'Rows', value: [example, example] },
          },
        }
      : {}),
  };
}

function rowSchema({ features }: ModelVersion): Schema {
  const required = features.filter(({ config }) => config.default === undefined).map(({ name }) => name);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(features.map((feature) => [feature.name, featureSchema(feature)])),
  };
}

function parametersOf(model: ModelEntry, version: ModelVersion): unknown[] {
  const example = exampleOf(model.config, version.parts.version)?.input;
  return version.features.map((feature) => ({
    name: feature.name,
    in: 'query',
    required: feature.config.default === undefined,
    description: describe(feature),
    schema: featureSchema({ ...feature, config: { ...feature.config, nullable: false } }), // a query has no null
    ...(example ? { example: example[feature.name] } : {}),
  }));
}

function featureSchema(feature: Feature): Schema {
  const { config, shape } = feature;
  let schema: Schema = {
    ...elementSchema(feature),
    ...(config.min === undefined ? {} : { minimum: config.min }),
    ...(config.max === undefined ? {} : { maximum: config.max }),
    ...(config.values ? { enum: config.values } : {}),
    ...(config.default === undefined ? {} : { default: config.default }),
  };
  for (const size of [...shape].reverse()) {
    schema = { type: 'array', items: schema, ...(size === null ? {} : { minItems: size, maxItems: size }) };
  }
  const description = describe(feature);
  return description ? { ...schema, description } : schema;
}

function elementSchema({ type, config }: Feature): Schema {
  if (type === 'string') return { type: 'string' };
  if (type === 'bool') return { type: 'boolean' };
  if (!isFloat(type)) return integerSchema(type);
  // NaN and the infinities come as strings; where bounds are set they are refused, so plain numbers are all there is.
  return { type: config.nullable ? ['number', 'null'] : 'number', format: FLOAT_FORMATS[type] };
}

/** Names of OpenAPI's format registry. */
const FLOAT_FORMATS: Partial<Record<ElementType, string>> = {
  float16: 'float16',
  float32: 'float',
  float64: 'double',
};

/** Integers that a JSON number cannot hold exactly come as digits. */
function integerSchema(type: ElementType): Schema {
  const [minimum, maximum] = integerRange(type);
  if (Number.isSafeInteger(maximum)) return { type: 'integer', minimum, maximum };
  const least = Math.max(minimum, Number.MIN_SAFE_INTEGER);
  const pattern = least < 0 ? '^-?\\d{1,19}$' : '^\\d{1,20}$';
  return {
    oneOf: [
      { type: 'integer', minimum: least, maximum: Number.MAX_SAFE_INTEGER },
      { type: 'string', pattern },
    ],
  };
}

function describe({ config }: Feature): string | undefined {
  const parts = [
    config.description,
    config.unit === undefined ? undefined : `in ${config.unit}`,
    config.observed ? `seen in training: ${config.observed[0]} to ${config.observed[1]}` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join('; ') : undefined;
}

/** By label; what is no finite number is a string. Null where the model is no classifier. */
function probabilitiesSchema({ parts }: ModelVersion): Schema | null {
  const { classes, probabilities } = parts.signature;
  if (!classes || probabilities === null) return null;
  const value = { type: ['number', 'string'] };
  return { type: 'object', properties: Object.fromEntries(classes.map((label) => [label, value])) };
}

function responses(
  model: ModelEntry,
  version: ModelVersion,
): Record<number, unknown> & { 200: Schema & { content: Schema } } {
  const row = { type: 'array', items: {} };
  const probabilities = probabilitiesSchema(version);
  const head = {
    id: { type: 'string', format: 'uuid' },
    model: { const: model.name },
    version: { const: version.parts.version },
  };
  return {
    200: {
      description: 'The answer. Its id is that of its record.',
      headers: { 'X-Request-Id': { schema: { type: 'string', format: 'uuid' } } },
      content: {
        'application/json': {
          schema: {
            oneOf: [
              {
                type: 'object',
                required: ['id', 'model', 'version', 'input', 'prediction'],
                properties: {
                  ...head,
                  input: { type: 'object' },
                  prediction: row,
                  ...(probabilities ? { probabilities } : {}),
                  outputs: { type: 'object' },
                },
              },
              {
                type: 'object',
                required: ['id', 'model', 'version', 'predictions'],
                properties: {
                  ...head,
                  predictions: { type: 'array', items: row },
                  ...(probabilities ? { probabilities: { type: 'array', items: probabilities } } : {}),
                  outputs: { type: 'array', items: { type: 'object' } },
                },
              },
            ],
          },
        },
      },
    },
    400: problemResponse('The body is not JSON, or a header or parameter is wrong.'),
    422: problemResponse('Some features are unknown, missing, mistyped or out of range: all are named.'),
    503: problemResponse('The model is loading, its queue is full, or the answer cannot be put on record.'),
  };
}

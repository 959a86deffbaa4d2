import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse } from '../../http/problem-docs.js';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['post']>;

const ROW = { description: 'Named features or inputs, or the bare value of the only input.' };
const JSON_BODY = 'application/json';

/** The routes whose paths Nest cannot document, since a colon ends a parameter in them: models, and TF Serving's `:predict`. */
export function tonguePaths(): Paths {
  const paths: Paths = {};
  const choices = [
    { suffix: '', which: 'default version', names: ['model'] },
    { suffix: '/versions/{version}', which: 'by version', names: ['model', 'version'] },
    { suffix: '/labels/{label}', which: 'by label', names: ['model', 'label'] },
  ];
  for (const { suffix, which, names } of choices) {
    const path = `/v1/models/{model}${suffix}`;
    const parameters = names.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    paths[path] = { get: view(parameters, which) };
    paths[`${path}/metadata`] = { get: metadata(parameters, which) };
    paths[`${path}:predict`] = { post: predict(parameters, which) };
  }
  return paths;
}

function view(parameters: unknown[], which: string): Operation {
  return {
    tags: ['models'],
    summary: `What a model takes and gives, ${which}; TF Serving's status and KServe's readiness`,
    parameters,
    responses: {
      200: {
        description:
          'Signature, features, labels, digest, state, example, caching, `model_version_status`, `ready`.',
      },
      404: problemResponse('There is no such model, version or label.'),
    },
  } as unknown as Operation;
}

function metadata(parameters: unknown[], which: string): Operation {
  return {
    tags: ['tfs'],
    summary: `What a model takes and gives as TF Serving says it, ${which}`,
    parameters,
    responses: {
      200: {
        description: '`model_spec`, and `metadata.signature_def` with the signature `serving_default`.',
      },
      404: problemResponse('There is no such model, version or label.'),
      503: problemResponse('The model is loading, or failed.'),
    },
  } as unknown as Operation;
}

function predict(parameters: unknown[], which: string): Operation {
  const signature = { signature_name: { enum: ['serving_default', '', null], default: 'serving_default' } };
  const form = (name: string, schema: object): object => ({
    type: 'object',
    required: [name],
    properties: { ...signature, [name]: schema },
  });
  const answer = (name: string, schema: object): object => ({
    type: 'object',
    required: [name],
    properties: { [name]: schema },
  });
  return {
    tags: ['tfs'],
    summary: `Ask a model in the TF Serving or KServe V1 form, ${which}`,
    parameters,
    requestBody: {
      required: true,
      content: {
        [JSON_BODY]: {
          schema: {
            oneOf: [
              form('instances', { type: 'array', items: ROW }),
              form('inputs', { description: 'Columns or tensors by name, or the tensor of the only input.' }),
            ],
          },
        },
      },
    },
    responses: {
      200: {
        description: '`predictions` for `instances`, row by row; `outputs` for `inputs`, tensor by tensor.',
        content: {
          [JSON_BODY]: {
            schema: { oneOf: [answer('predictions', { type: 'array', items: {} }), answer('outputs', {})] },
          },
        },
      },
      400: problemResponse('The request cannot be read, or names an unknown signature.'),
      404: problemResponse('There is no such model, version or label.'),
      422: problemResponse('Some values cannot be used: all are named.'),
      503: problemResponse('The model is loading, its queue is full, or the answer cannot be put on record.'),
    },
  } as unknown as Operation;
}

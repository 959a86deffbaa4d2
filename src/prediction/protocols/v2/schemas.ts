const parameters = { type: 'object' as const };

/** The OpenAPI schema of an inference request's JSON. */
export const inferRequestSchema = {
  type: 'object' as const,
  required: ['inputs'],
  properties: {
    id: { type: 'string' as const, description: 'Comes back in the answer.' },
    parameters: {
      ...parameters,
      description: 'binary_data_output: whether outputs come as bytes; timeout: microseconds.',
    },
    inputs: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['name', 'datatype', 'shape'],
        properties: {
          name: { type: 'string' as const },
          datatype: { type: 'string' as const, example: 'FP32' },
          shape: { type: 'array' as const, items: { type: 'integer' as const }, example: [1, 2] },
          parameters: {
            ...parameters,
            description: 'binary_data_size: bytes of it after the JSON, in place of data.',
          },
          data: {
            type: 'array' as const,
            items: {},
            description: 'Flat in row-major order, or nested as the shape.',
            example: [1.5, 2.5],
          },
        },
      },
    },
    outputs: {
      type: 'array' as const,
      description: 'Which outputs, in this order; all without it.',
      items: {
        type: 'object' as const,
        required: ['name'],
        properties: {
          name: { type: 'string' as const },
          parameters: {
            ...parameters,
            description: 'binary_data: as bytes; classification: that many classes in place of the values.',
          },
        },
      },
    },
  },
};

/** The OpenAPI schema of an inference response's JSON. */
export const inferResponseSchema = {
  type: 'object' as const,
  required: ['model_name', 'model_version', 'outputs'],
  properties: {
    id: { type: 'string' as const },
    model_name: { type: 'string' as const },
    model_version: { type: 'string' as const },
    outputs: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['name', 'datatype', 'shape'],
        properties: {
          name: { type: 'string' as const },
          datatype: { type: 'string' as const },
          shape: { type: 'array' as const, items: { type: 'integer' as const } },
          parameters,
          data: { type: 'array' as const, items: {} },
        },
      },
    },
  },
};

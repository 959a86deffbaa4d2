/** The OpenAPI schema of a problem. */
export const problemSchema = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string' as const, format: 'uri', example: 'urn:oriel:problem:invalid-input' },
    title: { type: 'string' as const, example: 'Unprocessable Entity' },
    status: { type: 'integer' as const, example: 422 },
    detail: { type: 'string' as const, example: 'One value of the input cannot be used.' },
    instance: {
      type: 'string' as const,
      format: 'uri-reference',
      description: 'Where the record of the request is.',
    },
    error: {
      type: 'string' as const,
      description: 'All of it in one text; only on /v2, :predict and /invocations.',
    },
    code: { type: 'string' as const, description: 'Stable, for programs.', example: 'invalid-input' },
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['pointer', 'detail'],
        properties: {
          pointer: {
            type: 'string' as const,
            description: 'JSON pointer into the body, or the name of a parameter.',
            example: '/RM',
          },
          detail: { type: 'string' as const, example: 'must be a number' },
        },
      },
    },
  },
};

const values = { type: 'array' as const, items: {} };

/** The OpenAPI schema of an invocation: exactly one of four forms. */
export const INVOCATION_BODY = {
  oneOf: [
    form('dataframe_split', {
      type: 'object' as const,
      required: ['columns', 'data'],
      properties: {
        columns: { type: 'array' as const, items: { type: 'string' as const } },
        index: values,
        data: { type: 'array' as const, items: values },
      },
    }),
    form('dataframe_records', { type: 'array' as const, items: { type: 'object' as const } }),
    form('instances', values),
    form('inputs', {}),
  ],
};

export const INVOCATION_ANSWER = {
  type: 'object' as const,
  required: ['predictions'],
  properties: { predictions: values },
};

function form(
  name: string,
  schema: object,
): { type: 'object'; required: string[]; properties: Record<string, object> } {
  return { type: 'object', required: [name], properties: { [name]: schema } };
}

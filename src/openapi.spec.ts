import { withPathParameters } from './openapi.js';

describe('withPathParameters', () => {
  const path = '/v2/models/{model}/versions/{version}';
  const own = { name: 'version', in: 'path' as const, required: true, schema: { const: '1' } };
  const { get } = withPathParameters({
    [path]: { get: { parameters: [own as never], responses: { 200: { description: 'fine' } } } },
  })[path]!;

  it('names every parameter of the path, and leaves what is there', () => {
    expect(get?.parameters).toEqual([
      { name: 'model', in: 'path', required: true, schema: { type: 'string' } },
      own,
    ]);
  });

  it('adds no list of parameters where there is none', () => {
    expect(withPathParameters({ '/v2': { get: { responses: {} } } })['/v2']!.get).not.toHaveProperty(
      'parameters',
    );
  });
});

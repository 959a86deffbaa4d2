import { completed } from './openapi.js';

describe('completed', () => {
  const path = '/v2/models/{model}/versions/{version}';
  const own = { name: 'version', in: 'path' as const, required: true, schema: { const: '1' } };
  const { get } = completed({
    [path]: { get: { parameters: [own as never], responses: { 200: { description: 'fine' } } } },
  })[path]!;

  it('names every parameter of the path, and leaves what is there', () => {
    expect(get?.parameters).toEqual([
      { name: 'model', in: 'path', required: true, schema: { type: 'string' } },
      own,
    ]);
  });

  it('says that everything that is no answer is a problem', () => {
    expect(Object.keys(get!.responses)).toEqual(['200', '4XX', '5XX']);
    expect(get!.responses['4XX']).toHaveProperty(['content', 'application/problem+json']);
  });

  it('adds no list of parameters where there is none', () => {
    expect(completed({ '/v2': { get: { responses: {} } } })['/v2']!.get).not.toHaveProperty('parameters');
  });
});

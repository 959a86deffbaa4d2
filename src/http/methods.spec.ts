import { KnownMethods } from './methods.js';

function methodsOf(...routes: (readonly [string, string])[]): KnownMethods {
  const methods = new KnownMethods();
  for (const [method, url] of routes) methods.add(method, url);
  return methods;
}

describe('KnownMethods', () => {
  const methods = methodsOf(
    ['GET', '/v1/models'],
    ['HEAD', '/v1/models'],
    ['POST', '/v1/models/:model/predict'],
    ['GET', '/v1/models/:model/predict'],
    ['OPTIONS', '/v1/own'],
    ['QUERY', '/v1/own'],
    ['GET', '/docs/*'],
  );

  it.each([
    ['/v1/models', ['GET', 'HEAD', 'OPTIONS']],
    ['/v1/models?limit=1', ['GET', 'HEAD', 'OPTIONS']],
    ['/v1/models/boston/predict', ['GET', 'OPTIONS', 'POST']],
    ['/v1/models/a%20b/predict?x=/', ['GET', 'OPTIONS', 'POST']],
    ['/v1/own', ['OPTIONS', 'QUERY']],
    ['/docs/a/b', ['GET', 'OPTIONS']],
  ])('knows the methods of %s', (url, expected) => {
    expect(methods.of(url)).toEqual(expected);
  });

  it.each(['/', '/v1', '/v1/models/', '/v1/models/boston', '/v1/models/%/predict', '//', ''])(
    'knows that there is nothing at %j',
    (url) => expect(methods.of(url)).toEqual([]),
  );

  it('takes a route that it has', () => {
    expect(methodsOf(['GET', '/a'], ['GET', '/a']).of('/a')).toEqual(['GET', 'OPTIONS']);
  });
});

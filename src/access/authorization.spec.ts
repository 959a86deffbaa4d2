import { isToken, LONGEST_HEADER, readAuthorization } from './authorization.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('readAuthorization', () => {
  it.each([
    ['Bearer abc', { name: null, secret: 'abc' }],
    ['bearer   a.b-c_d~e+f/g=', { name: null, secret: 'a.b-c_d~e+f/g=' }],
    ['BEARER key! ', { name: null, secret: 'key!' }],
    [basic('app:secret'), { name: 'app', secret: 'secret' }],
    [basic('app:a:b'), { name: 'app', secret: 'a:b' }],
    [basic('app:sécret').replace('Basic', 'bAsIc'), { name: 'app', secret: 'sécret' }],
  ])('reads %s', (header, said) => {
    expect(readAuthorization(header)).toEqual(said);
  });

  it.each([
    '', ' ', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer é', 'Bearera', 'Basic', 'Basic ', 'Basic ???', 'Basic YTpi YTpi',
    basic('app'), basic('app:'), basic(':secret'), basic(''), 'Digest username="app"', 'Negotiate abc', 'abc',
    'Bearer a, Basic YTpi', 'Bearer a\u0000', `Bearer ${'a'.repeat(LONGEST_HEADER)}`,
  ])('finds no credentials in %j', (header) => {
    expect(readAuthorization(header)).toBeNull();
  }); // prettier-ignore
});

test('a token has three parts of Base64url', () => {
  expect(['eyJ.eyJ.abc', 'a-_.b.c'].map(isToken)).toEqual([true, true]);
  expect(['oriel_abc', 'a.b', 'a.b.', '.b.c', 'a.b.c.d', 'a.b.c=', ''].map(isToken)).toEqual(
    Array(7).fill(false),
  );
});

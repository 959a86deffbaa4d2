import fc from 'fast-check';
import { readPageToken, writePageToken } from './page-token.js';

const ID = '0198c0de-0000-7000-8000-000000000001';
const refusal = (detail: string): Error =>
  expect.objectContaining({
    kind: 'badParameter',
    code: 'invalid-parameter',
    faults: [{ pointer: '/pageToken', detail }],
  }) as Error;

describe('a page token', () => {
  it('goes on with the question it was made for', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.maxSafeNat(),
        fc.option(fc.maxSafeNat(), { nil: undefined }),
        fc.dictionary(fc.string(), fc.string()),
        (id, asOf, totalUs, question) => {
          const mark = { id, asOf, ...(totalUs === undefined ? {} : { totalUs }) };
          const token = writePageToken(mark, question);
          expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(token.length).toBeLessThan(200);
          expect(readPageToken(token, question)).toEqual(mark);
        },
      ),
    );
  });

  it('does not go on with another question', () => {
    const token = writePageToken({ id: ID, asOf: 7 }, { model: 'a' });
    expect(() => readPageToken(token, { model: 'b' })).toThrow(
      refusal('This page token belongs to a query with other filters.'),
    );
  });

  it('is refused when anything of it was changed', () => {
    const question = { model: 'a' };
    const token = writePageToken({ id: ID, asOf: 7, totalUs: 12 }, question);
    const parts = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    const others = parts.flatMap((part, at) =>
      [0, -1, 10 ** 15, null, ID.replace('1', '2'), `${String(part)}x`].map((other) => parts.with(at, other)),
    );
    const changed = [
      ...[...others, parts.slice(0, -1), [...parts, 1]].map((value) =>
        Buffer.from(JSON.stringify(value)).toString('base64url'),
      ),
      ...Array.from({ length: token.length }, (_, at) => {
        const sign = token[at] === 'A' ? 'B' : 'A';
        return token.slice(0, at) + sign + token.slice(at + 1);
      }),
      `${token}A`,
      `${token}=`,
      ` ${token}`,
      token.slice(1),
    ];
    for (const one of changed.filter((other) => other !== token))
      expect(() => readPageToken(one, question)).toThrow(refusal('This is not a page token.'));
  });

  it('is refused when it is none', () => {
    const made = [
      null,
      7,
      'x',
      [],
      ['x'],
      ['x', 'y'],
      ['x', ID],
      ['x', ID, 'y'],
      ['x', ID, 1, 'y'],
      { 0: 'x', 1: ID },
    ].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    for (const token of ['', '?', 'abc', ...made])
      expect(() => readPageToken(token, {})).toThrow(refusal('This is not a page token.'));
  });
});

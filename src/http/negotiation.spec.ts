import { checkAcceptable } from './negotiation.js';

const JSON_ONLY = ['application/json'];

describe('checkAcceptable', () => {
  it.each([
    undefined, '*/*', 'application/json', 'application/*', 'text/html, application/json;q=0.1', 'APPLICATION/JSON',
    'text/html,*/*;q=0.1', 'application/json; charset=utf-8', 'application/json;charset=UTF-8',
  ])('lets JSON answer %j', (accept) => {
    expect(() => checkAcceptable(accept, JSON_ONLY)).not.toThrow();
  }); // prettier-ignore

  it.each([
    'text/html',
    'application/xml, text/*',
    'application/json;q=0',
    'nonsense',
    '*/*;q=0',
    'application/json; charset=utf-16',
  ])('has no JSON for %j', (accept) => {
    expect(() => checkAcceptable(accept, JSON_ONLY)).toThrow(
      expect.objectContaining({
        kind: 'notAcceptable',
        code: 'not-acceptable',
        message: 'This answer can be given as application/json only.',
      }) as Error,
    );
  });

  it('takes any of several forms', () => {
    const produces = ['application/x-ndjson', 'text/csv'];
    expect(() => checkAcceptable('text/csv', produces)).not.toThrow();
    expect(() => checkAcceptable('application/json', produces)).toThrow(
      /application\/x-ndjson or text\/csv only/,
    );
  });
});

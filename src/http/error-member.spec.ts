import { OrielError } from '../errors.js';
import { toProblem, wantsErrorMember } from './problem.js';

describe('wantsErrorMember', () => {
  it.each([
    '/v2',
    '/v2/models/m/infer?a=b',
    '/v1/models/m:predict',
    '/v1/models/m/versions/1:predict?x',
    '/v1/models/m/invocations',
    '/invocations',
  ])('is so for %s', (url) => {
    expect(wantsErrorMember(url)).toBe(true);
  });

  it.each(['/', '/v1/models/m/predict', '/v20/models', '/v1/models?x=:predict', '/v1/audit/requests'])(
    'is not so for %s',
    (url) => {
      expect(wantsErrorMember(url)).toBe(false);
    },
  );

  it('puts the faults into one text', () => {
    const error = new OrielError('invalid', 'x', 'It is wrong.', {
      faults: [{ pointer: '/a', detail: 'is odd' }],
    });
    expect(toProblem(error, 'id', '/v2/models').error).toBe('It is wrong. /a is odd');
    expect(toProblem(error, 'id', '/v1/models')).not.toHaveProperty('error');
  });
});

import { reasonOfRuntime } from './model-error.js';

describe('reasonOfRuntime', () => {
  it.each([
    [
      'Could not find an implementation for Celu(12) node with name',
      'has no implementation of the operator Celu',
    ],
    ['No Op registered for Swish with domain_version of 99', 'the operator Swish in version 99'],
    ['Foo(-1) is not a registered function/op', 'the operator Foo, which the runtime does not know'],
    [
      'layout_ == 0 was false. Batchwise recurrent operations (layout == 1) are not supported.',
      'the batch first (layout 1)',
    ],
    ['something that no one has seen', 'the log of the server'],
  ])('says what "%s" means', (text, reason) => {
    expect(reasonOfRuntime(new Error(text))).toContain(reason);
  });
});

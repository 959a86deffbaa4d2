import { DEFAULT_RULES, levelFor } from './policy.js';

describe('levelFor', () => {
  it.each([
    ['/health', 'none'],
    ['/health/live', 'none'],
    ['/health?verbose', 'none'],
    ['/v2/health/ready', 'none'],
    ['/metrics', 'none'],
    ['/docs/swagger-ui.css', 'none'],
    ['/openapi.json', 'none'],
    ['/healthy', 'payload'],
    ['/docsearch', 'payload'],
    ['/v1/models/health/predict', 'payload'],
    ['/v1/audit/requests', 'payload'],
    ['/', 'payload'],
  ])('by default records %s with the level %s', (path, level) => {
    expect(levelFor(DEFAULT_RULES, path)).toBe(level);
  });

  it('lets the first rule that holds win', () => {
    const rules = [
      { prefixes: ['/a/b'], level: 'payload' },
      { prefixes: ['/x', '/a'], level: 'none' },
    ] as const;
    expect(['/a/b/c', '/a/c', '/x'].map((path) => levelFor(rules, path))).toEqual([
      'payload',
      'none',
      'none',
    ]);
  });

  it('keeps the metadata where no rule holds', () => {
    expect(levelFor([{ prefixes: ['/a'], level: 'none' }], '/b')).toBe('metadata');
    expect(levelFor([], '/')).toBe('metadata');
  });
});

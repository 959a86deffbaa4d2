import type { ModelVersion } from '../model-version.js';
import { cacheKey } from './freshness.js';

describe('cacheKey', () => {
  const version = (shared: boolean, digest = 'd'.repeat(64)): ModelVersion =>
    ({ parts: { digest, cache: { maxAge: 0, public: shared } } }) as unknown as ModelVersion;

  it('is another for each caller, unless the model is public', () => {
    const keys = (shared: boolean): string[] =>
      ['', 'ann', 'bob'].map((principal) => cacheKey(version(shared), 'question', principal));
    expect(new Set(keys(false)).size).toBe(3);
    expect(new Set(keys(true)).size).toBe(1);
  });

  it('begins with the digest, and shows neither caller nor more of the question than its hash', () => {
    const key = cacheKey(version(false), 'question', 'ann');
    expect(key).toMatch(/^d{16}\/[A-Za-z0-9_-]{43}$/);
  });
});

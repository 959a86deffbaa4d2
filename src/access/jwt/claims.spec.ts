import { permissionsOf, principalOf } from './claims.js';

const NAMES = { roles: 'roles', models: '', streams: '' };

describe('permissionsOf', () => {
  it.each([
    ['roles', { roles: ['predict', 'unknown', 7] }, ['predict']],
    ['roles', { roles: 'read openid  predict' }, ['predict', 'read']],
    ['realm_access.roles', { realm_access: { roles: ['admin'] } }, ['admin']],
    ['https://example.org/roles', { 'https://example.org/roles': ['audit'] }, ['audit']],
    ['roles', {}, []],
    ['roles', { roles: { admin: true } }, []],
    ['a.b', { a: 'admin' }, []],
    ['constructor.name', {}, []],
  ])('finds the roles in the claim %s of %j', (roles, claims, found) => {
    expect(permissionsOf(claims, { ...NAMES, roles }).roles).toEqual(found);
  });

  it('leaves nothing to a token without a bound that tokens have, unless it sees all', () => {
    const names = { ...NAMES, models: 'models' };
    expect(permissionsOf({ roles: ['predict'] }, names).sees('models', 'm')).toBe(false);
    expect(permissionsOf({ roles: ['predict'], models: ['m*'] }, names).sees('models', 'm1')).toBe(true);
    expect(permissionsOf({ roles: ['predict'], models: ['m*'] }, names).sees('models', 'x')).toBe(false);
    expect(permissionsOf({ roles: ['predict'] }, names).sees('streams', 's')).toBe(true);
    expect(permissionsOf({ roles: ['audit'], models: ['m*'] }, names).sees('models', 'x')).toBe(true);
  });
});

test('a token is about a subject, who is never called as a key is', () => {
  expect(principalOf({ sub: 'admin' })).toBe('jwt:admin');
  for (const sub of [undefined, '', 7, 'x'.repeat(256)]) expect(principalOf({ sub })).toBeNull();
});

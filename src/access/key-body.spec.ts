import { OrielError } from '../errors.js';
import { MAX_PATTERN, MAX_PATTERNS, readKeyBody } from './key-body.js';

const NOW = Date.parse('2026-01-31T12:00:00Z');

function faults(body: unknown): string[] {
  try {
    readKeyBody(body, NOW);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid', code: 'invalid-key' });
    return (error as OrielError).faults.map(({ pointer }) => pointer);
  }
}

describe('readKeyBody', () => {
  it('reads a key, with all that is left out', () => {
    expect(readKeyBody({ name: 'app', roles: ['predict'] }, NOW)).toEqual({
      name: 'app', roles: ['predict'], models: null, streams: null, expires: null,
    }); // prettier-ignore
    const all = {
      name: 'a.b_c-1',
      roles: ['read', 'predict'],
      models: ['m*', 'm*'],
      streams: ['s'],
      expires: '2026-01-31T13:00:00.001+01:00',
    };
    expect(readKeyBody(all, NOW)).toEqual({
      name: 'a.b_c-1', roles: ['predict', 'read'], models: ['m*'], streams: ['s'], expires: NOW + 1,
    }); // prettier-ignore
  });

  it('names all that is wrong at once', () => {
    expect(faults({ name: 'a b', roles: ['root'], models: [], streams: [''], expires: 'soon', colour: 1 })).toEqual([
      '/colour', '/name', '/roles', '/models', '/streams', '/expires',
    ]); // prettier-ignore
    expect(faults({})).toEqual(['/name', '/roles']);
    expect([faults(null), faults([]), faults('x')]).toEqual([
      ['', '/name', '/roles'], ['', '/name', '/roles'], ['', '/name', '/roles'],
    ].map(([first]) => [first])); // prettier-ignore
  });

  it.each([
    [{ name: '' }, '/name'], [{ name: '-a' }, '/name'], [{ name: 'a:b' }, '/name'], [{ name: 'a\n' }, '/name'],
    [{ name: 'a'.repeat(65) }, '/name'], [{ name: 7 }, '/name'], [{ roles: [] }, '/roles'], [{ roles: 'admin' }, '/roles'],
    [{ roles: ['predict', 1] }, '/roles'], [{ roles: ['predict', 'constructor'] }, '/roles'], [{ models: 'm' }, '/models'],
    [{ models: Array(MAX_PATTERNS + 1).fill('m') }, '/models'], [{ streams: ['m'.repeat(MAX_PATTERN + 1)] }, '/streams'],
    [{ expires: NOW }, '/expires'], [{ expires: '2026-01-31T11:59:59.999Z' }, '/expires'], [{ expires: true }, '/expires'],
  ])('refuses %j', (member, pointer) => {
    expect(faults({ name: 'app', roles: ['predict'], ...member })).toEqual([pointer]);
  }); // prettier-ignore

  it.each(['audit', 'admin'])('refuses patterns for %s, which sees all', (role) => {
    expect(faults({ name: 'app', roles: ['predict', role], models: ['m'], streams: ['s'] })).toEqual([
      '/models',
      '/streams',
    ]);
    expect(faults({ name: 'app', roles: [role], models: null })).toEqual([]);
  });
});

import { AREAS, ROLES } from '../http/areas.js';
import { Permissions } from './permissions.js';

const all = new Permissions(['admin'], null, null);

describe('Permissions', () => {
  it('admit to an area with one of its roles, and admin to every one', () => {
    for (const role of ROLES) {
      const own = new Permissions([role], null, null);
      for (const area of Object.values(AREAS)) {
        const enough = role === 'admin' || (area.roles as readonly string[]).includes(role);
        expect([role, area, own.mayEnter(area)]).toEqual([role, area, enough]);
        expect(all.mayEnter(area)).toBe(true);
      }
    }
  });

  it('grant nothing without a role', () => {
    const none = new Permissions([], null, null);
    for (const area of Object.values(AREAS)) expect(none.mayEnter(area)).toBe(false);
  });

  it('hold models and streams to their patterns, each to its own', () => {
    const bound = new Permissions(['predict', 'ingest'], ['boston-*', 'exact'], ['cars']);
    const seen = (kind: 'models' | 'streams', ...names: string[]): string[] =>
      names.filter((name) => bound.sees(kind, name));
    expect(seen('models', 'boston-housing', 'boston-', 'boston', 'exact', 'exactly', 'not-boston-x', '')).toEqual([
      'boston-housing', 'boston-', 'exact',
    ]); // prettier-ignore
    expect(seen('streams', 'cars', 'cars2', 'boston-housing')).toEqual(['cars']);
    expect([all.sees('models', 'x'), all.sees('streams', 'x')]).toEqual([true, true]);
  });

  it('keep the stream of all predictions from who may not know every model', () => {
    expect(new Permissions(['read'], ['boston-*'], null).sees('streams', 'predictions')).toBe(false);
    expect(new Permissions(['read'], ['boston-*'], ['*']).sees('streams', 'predictions')).toBe(false);
    expect(new Permissions(['read'], ['boston-*'], null).sees('streams', 'cars')).toBe(true);
    expect(new Permissions(['read'], null, ['pred*']).sees('streams', 'predictions')).toBe(true);
  });

  it('see nothing with an empty list', () => {
    expect(new Permissions(['predict'], [], null).sees('models', 'any')).toBe(false);
  });
});

import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { streamDefinitions } from '../../../test/stream-definitions.js';
import { readDefinition } from './read.js';
import { DEFINITION_SCHEMA, EXAMPLE } from './schema.js';
import { viewDefinition } from './view.js';

const ajv = new Ajv2020({ strict: false, formats: { date: true } });
const fits = ajv.compile(DEFINITION_SCHEMA);

describe('DEFINITION_SCHEMA', () => {
  it('fits its own example, which is a definition', () => {
    expect(fits(EXAMPLE)).toBe(true);
    expect(readDefinition(EXAMPLE)).toHaveProperty('definition');
  });

  it('fits every definition as the API shows it', () => {
    fc.assert(
      fc.property(streamDefinitions, (definition) => {
        expect([fits(viewDefinition(definition)), fits.errors]).toEqual([true, null]);
      }),
    );
  });

  it('and readDefinition refuse the same single changes of the example', () => {
    const values = [
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      '',
      'x',
      '5s',
      '-5s',
      '/a~2',
      '2026-02-30',
      [],
      ['a'],
      {},
      { x: 1 },
    ];
    const disagreeing = placesOf(EXAMPLE).flatMap((place) =>
      values.flatMap((value) => {
        const changed = withValue(EXAMPLE, place, value);
        return fits(changed) === 'definition' in readDefinition(changed) ? [] : [[place.join('/'), value]];
      }),
    );
    // What a schema cannot say: the form of a pointer, that a step divides its size, which dates and time zones there are.
    const unsaid = ([place, value]: unknown[]): boolean =>
      value === '/a~2' ||
      ((value === '5s' || value === 0) && /size|step|every|gap|maxSize/i.test(String(place))) ||
      /anchor|timeZone/.test(String(place));
    expect(disagreeing.filter((one) => !unsaid(one))).toEqual([]);
    expect(disagreeing.length).toBeGreaterThan(0);
  });
});

/** The path of every member inside of a value, and of one that it does not have, in each object. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, one]) => [
    [...path, name],
    ...placesOf(one, [...path, name]),
  ]);
  return Array.isArray(value) ? inside : [...inside, [...path, 'other name']];
}

function withValue(value: unknown, [name, ...path]: readonly string[], put: unknown): unknown {
  if (name === undefined) return put;
  const members = value as Record<string, unknown>;
  const changed = withValue(members[name], path, put);
  return Array.isArray(value)
    ? (value as unknown[]).map((one, index) => (String(index) === name ? changed : one))
    : { ...members, [name]: changed };
}

import type { ArgumentMetadata } from '@nestjs/common';
import { ListRecordsQuery, toFilter } from '../audit/audit.dto.js';
import type { RecordFilter } from '../audit/audit-queries.js';
import { OrielError, type Fault } from '../errors.js';
import { queryPipe } from './query.pipe.js';

const metadata: ArgumentMetadata = { type: 'query', metatype: ListRecordsQuery };
const pipe = queryPipe();
const read = (query: Record<string, unknown>): Promise<ListRecordsQuery> =>
  pipe.transform(query, metadata) as Promise<ListRecordsQuery>;
const filterOf = async (query: Record<string, unknown>): Promise<RecordFilter> => ({
  ...toFilter(await read(query)),
});

/** What is wrong with a query. */
async function faults(query: Record<string, unknown>): Promise<readonly Fault[]> {
  const error: unknown = await read(query).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OrielError);
  expect(error).toMatchObject({ kind: 'badParameter', code: 'invalid-parameter' });
  return (error as OrielError).faults;
}

/** The parameters that a query is refused for, each as often as it is named. */
async function refused(query: Record<string, unknown>): Promise<string[]> {
  return (await faults(query)).map(({ pointer }) => pointer);
}

describe('queryPipe', () => {
  it('reads the parameters of the list of records', async () => {
    expect(await read({})).toMatchObject({ limit: 100 });
    expect((await read({ limit: '7' })).limit).toBe(7);
    expect(
      await filterOf({ from: '2026-01-31T12:00:00+01:00', to: '1769860800000', minLatency: '1.5' }),
    ).toEqual({
      from: Date.UTC(2026, 0, 31, 11),
      to: 1769860800000,
      minLatency: 1.5,
    });
  });

  it.each([
    ['404', [404, 404]],
    ['4xx', [400, 499]],
    ['1xx', [100, 199]],
  ])('takes %s for the status codes %j', async (status, range) => {
    expect(await filterOf({ status })).toEqual({ status: range });
  });

  it('names every parameter that is wrong or unknown, all at once', async () => {
    const query = { limit: '0', from: 'soon', status: '6xx', outcome: 'fine', minLatency: '-1', modell: 'x' };
    expect((await refused(query)).sort()).toEqual([
      '/from',
      '/limit',
      '/minLatency',
      '/modell',
      '/outcome',
      '/status',
    ]);
  });

  it.each([
    [{ limit: 'abc' }, 'must be a whole number'],
    [{ limit: '0' }, 'must be at least 1'],
    [{ limit: '1001' }, 'must be at most 1000'],
    [{ minLatency: 'soon' }, 'must be a number of milliseconds, or a duration such as 250ms'],
    [{ minLatency: '-1' }, 'must not be negative'],
    [{ pageToken: ['a', 'b'] }, 'must be given once'],
    [{ colour: 'red' }, 'There is no parameter colour.'],
  ])('says of %j the one thing that is wrong first', async (query, detail) => {
    expect((await faults(query)).map((fault) => fault.detail)).toEqual([detail]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'refuses the parameter %s by name, beside what else is wrong',
    async (name) => {
      const query = Object.assign(Object.create(null), { limit: 'x' }) as Record<string, unknown>;
      Object.defineProperty(query, name, { value: '1', enumerable: true, configurable: true });
      expect(await faults(query)).toEqual([
        { pointer: `/${name}`, detail: `There is no parameter ${name}.` },
        { pointer: '/limit', detail: 'must be a whole number' },
      ]);
      Object.assign(query, { limit: '1' });
      expect(await refused({ ...query, [name]: '1' })).toEqual([`/${name}`]);
    },
  );

  it.each<Record<string, string | string[]>>([
    { limit: '1001' }, { limit: '1.5' }, { limit: '' }, { limit: ['1', '2'] }, { from: '' }, { from: '2026-02-30T00:00:00Z' },
    { from: ['1', '2'] }, { model: ['a', 'b'] }, { status: ['200', '404'] }, { status: '4x' }, { minLatency: 'Infinity' },
    { minLatency: '' }, { pageToken: 'x'.repeat(201) }, { 'a/b': '1' },
  ])('refuses %j', async (query) => {
    const [name] = Object.keys(query);
    expect(await refused(query)).toEqual([`/${name?.replace('/', '~1')}`]);
  }); // prettier-ignore
});

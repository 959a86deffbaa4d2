import type { ArgumentMetadata } from '@nestjs/common';
import { ListRecordsQuery, toFilter } from '../audit/audit.dto.js';
import type { RecordFilter } from '../audit/audit-queries.js';
import { OrielError } from '../errors.js';
import { queryPipe } from './query.pipe.js';

const metadata: ArgumentMetadata = { type: 'query', metatype: ListRecordsQuery };
const pipe = queryPipe();
const read = (query: Record<string, unknown>): Promise<ListRecordsQuery> =>
  pipe.transform(query, metadata) as Promise<ListRecordsQuery>;
const filterOf = async (query: Record<string, unknown>): Promise<RecordFilter> => ({
  ...toFilter(await read(query)),
});

/** The parameters that a query is refused for. */
async function refused(query: Record<string, unknown>): Promise<string[]> {
  const error: unknown = await read(query).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OrielError);
  expect(error).toMatchObject({ kind: 'badParameter', code: 'invalid-parameter' });
  return [...new Set((error as OrielError).faults.map(({ pointer }) => pointer))];
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

  it.each<Record<string, string | string[]>>([
    { limit: '1001' }, { limit: '1.5' }, { limit: '' }, { limit: ['1', '2'] }, { from: '' }, { from: '2026-02-30T00:00:00Z' },
    { from: ['1', '2'] }, { model: ['a', 'b'] }, { status: ['200', '404'] }, { status: '4x' }, { minLatency: 'Infinity' },
    { minLatency: '' }, { pageToken: 'x'.repeat(201) }, { 'a/b': '1' },
  ])('refuses %j', async (query) => {
    const [name] = Object.keys(query);
    expect(await refused(query)).toEqual([`/${name?.replace('/', '~1')}`]);
  }); // prettier-ignore
});

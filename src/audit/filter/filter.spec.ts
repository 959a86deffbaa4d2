import fc from 'fast-check';
import { Folder, idOf, NOON, pageOf, request, type RecordFields } from '../../../test/record-folder.js';
import { OrielError } from '../../errors.js';
import { RecordPages } from '../record-pages.js';
import { readFilter } from './filter.js';
import { parseFilter, type Node } from './syntax.js';

/** A tree as a text in which every grouping is shown. */
function shown(node: Node | null): string {
  if (node === null) return '';
  if (node.kind === 'restriction') return `${node.field}${node.comparator}${node.value.text}`;
  if (node.kind === 'not') return `!${shown(node.part)}`;
  return `(${node.parts.map(shown).join(node.kind === 'and' ? ' & ' : ' | ')})`;
}

describe('the grammar', () => {
  test.each([
    ['', ''],
    ['  ', ''],
    ['status = 404', 'status=404'],
    ['a = 1 AND b = 2 OR c = 3', '(a=1 & (b=2 | c=3))'],
    ['a = 1 b = 2 OR c = 3', '(a=1 & (b=2 | c=3))'],
    ['NOT a = 1 AND -b = 2', '(!a=1 & !b=2)'],
    ['NOT (a = 1 OR b = 2)', '!(a=1 | b=2)'],
    ['((a=1))', 'a=1'],
    ['latency.total>=1.5s', 'latency.total>=1.5s'],
    ['time > 2026-01-31T12:00:00Z', 'time>2026-01-31T12:00:00Z'],
    ['userAgent = "say \\"hi\\" AND (x"', 'userAgent=say "hi" AND (x'],
    ["model:'a b'", 'model:a b'],
    ['batch = -5', 'batch=-5'],
  ])('reads %j', (text, tree) => {
    expect(shown(parseFilter(text))).toBe(tree);
  });

  test.each([
    ['status', 7],
    ['status =', 9],
    ['= 404', 1],
    ['(status = 404', 14],
    ['status = 404)', 13],
    ['status = "404', 10],
    ['status = 404 AND', 17],
    ['AND status = 404', 1],
    ['NOT NOT status = 404', 5],
    ['count(status) = 1', 1],
    ['price = 3', 1],
    ['status = many', 10],
    ['latency.total > fast', 17],
    ['time > yesterday', 8],
    ['id = 7', 6],
    ['('.repeat(30), 22],
    ['status=200 '.repeat(101), 1101],
    ['x'.repeat(5000), 4097],
  ])('says where %j is wrong', (text, at) => {
    try {
      readFilter(text);
      throw new Error('it was read');
    } catch (error) {
      expect((error as OrielError).faults).toEqual([
        { pointer: '/filter', detail: expect.stringContaining(`(at character ${at})`) as string },
      ]);
    }
  });
});

/** What a restriction says, in JavaScript: null stands for a record that has no such member. */
interface Claim {
  text: string;
  holds: (record: Sample) => boolean;
}

type Sample = Required<
  Pick<RecordFields, 'at' | 'status' | 'principal' | 'totalUs' | 'batch' | 'model' | 'outcome'>
>;

const sample: fc.Arbitrary<Sample> = fc.record({
  at: fc.integer({ min: NOON, max: NOON + 5 }),
  status: fc.constantFrom(200, 404, 500),
  principal: fc.constantFrom('', 'ann', 'bob', 'a*n'),
  totalUs: fc.constantFrom(0, 500, 1000, 1500, 2000),
  batch: fc.constantFrom(null, 0, 1, 2),
  model: fc.constantFrom(null, 'm', 'n[1]'),
  outcome: fc.constantFrom('ok', 'clientError'),
});

const order = { '<': (a: number, b: number) => a < b, '<=': (a: number, b: number) => a <= b, '>': (a: number, b: number) => a > b, '>=': (a: number, b: number) => a >= b, '=': (a: number, b: number) => a === b, '!=': (a: number, b: number) => a !== b } as const; // prettier-ignore
const comparator = fc.constantFrom(...(Object.keys(order) as (keyof typeof order)[]));
const number = (field: string, of: (record: Sample) => number | null, values: readonly number[], unit = ''): fc.Arbitrary<Claim> =>
  fc.tuple(comparator, fc.constantFrom(...values)).map(([op, value]) => ({
    text: `${field} ${op} ${value}${unit}`,
    holds: (record) => {
      const own = of(record);
      return own === null ? op === '!=' : order[op](own, value);
    },
  })); // prettier-ignore
const text = (field: string, of: (record: Sample) => string | null, values: readonly string[]): fc.Arbitrary<Claim> =>
  fc.tuple(fc.constantFrom('=', '!=', ':'), fc.constantFrom(...values)).map(([op, value]) => ({
    text: `${field} ${op} "${value}"`,
    holds: (record) => {
      const own = of(record);
      if (own === null) return op === '!=';
      return op === ':' ? own.includes(value) : (own === value) === (op === '=');
    },
  })); // prettier-ignore

const claim: fc.Arbitrary<Claim> = fc.oneof(
  number('status', ({ status }) => status, [200, 404, 450]),
  number('latency.total', ({ totalUs }) => totalUs / 1000, [0, 0.5, 1, 1.5], 'ms'),
  number('batch', ({ batch }) => batch, [0, 1, 5]),
  number('time', ({ at }) => at, [NOON, NOON + 2, NOON + 9]),
  text('principal', ({ principal }) => principal || null, ['ann', 'an', 'nobody']),
  text('model', ({ model }) => model, ['m', 'n[1]', '1']),
  text('outcome', ({ outcome }) => outcome, ['ok', 'Error']),
);

const { tree } = fc.letrec<{ tree: Claim }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    claim,
    tie('tree').map(({ text: one, holds }) => ({ text: `NOT (${one})`, holds: (record: Sample) => !holds(record) })),
    fc.tuple(fc.constantFrom('AND', 'OR'), tie('tree'), tie('tree')).map(([word, a, b]) => ({
      text: `(${a.text}) ${word} (${b.text})`,
      holds: (record: Sample) =>
        word === 'AND' ? a.holds(record) && b.holds(record) : a.holds(record) || b.holds(record),
    })),
  ),
})); // prettier-ignore

describe('a filter', () => {
  it('finds exactly the records of which it is true, and its negation all others', async () => {
    const on = await Folder.open();
    try {
      const pages = new RecordPages(on.reading);
      const samples = fc.sample(sample, 150);
      const entries = samples.map((one) =>
        request({ ...one, ...(one.model === null ? {} : { version: '1', digest: 'd' }) }),
      );
      on.writer.commit(entries);
      fc.assert(
        fc.property(tree, ({ text: filter, holds }) => {
          for (const [asked, wanted] of [[filter, true], [`NOT (${filter})`, false]] as const) {
            const { items } = pageOf(pages, { filter: { filter: asked }, limit: 1000 });
            const expected = entries.filter((_, index) => holds(samples[index] as Sample) === wanted).map(idOf);
            expect(items.map(({ id }) => id).sort()).toEqual(expected.sort());
          }
        }),
        { numRuns: 150 },
      ); // prettier-ignore
    } finally {
      await on.close();
    }
  });

  it('knows patterns, and whether there is a value', async () => {
    const on = await Folder.open();
    try {
      on.writer.commit(['ann', 'anna', 'a?n', ''].map((principal) => request({ principal })));
      const pages = new RecordPages(on.reading);
      const found = (filter: string): (string | null)[] =>
        pageOf(pages, { filter: { filter }, order: 'time asc', limit: 9 }).items.map((one) => one.principal);
      expect(found('principal = "an*"')).toEqual(['ann', 'anna']);
      expect(found('principal = "a?*"')).toEqual(['a?n']);
      expect(found('principal:*')).toEqual(['ann', 'anna', 'a?n']);
      expect(found('NOT principal:*')).toEqual([null]);
      expect(found('principal != "an*"')).toEqual(['a?n', null]);
    } finally {
      await on.close();
    }
  });
});

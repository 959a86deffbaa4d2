/** Filters of AIP-160 as trees, the texts that say them, and the laws between the two. */
import { deepStrictEqual as same } from 'node:assert/strict';
import fc from 'fast-check';
import { conditionOf } from '../../src/audit/filter/conditions.js';
import { FilterError, MAX_FILTER, parseFilter, type Node } from '../../src/audit/filter/syntax.js';
import { unlessRefused } from './refused.js';
import { mutatedBytes, ODD_VALUES } from './mutations.js';

const WORD = /^[\w.*][\w.*+-]*$/;
const fieldNames = fc.constantFrom(
  'model',
  'status',
  'latency.total',
  'time',
  'principal',
  'nothing',
  'NOTE',
);
const literals = fc.oneof(
  fc.constantFrom('500', '-1', '1e9', '20ms', '2026-01-31T12:00:00Z', 'boston*', '*', 'AND', 'NOT', 'true'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const restriction: fc.Arbitrary<Node> = fc
  .record({ field: fieldNames, comparator: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>=' as const, ':' as const), text: literals, quoted: fc.boolean() })
  .map(({ field, comparator, text, quoted }) => ({
    kind: 'restriction', field, comparator, at: 0, value: { text, quoted: quoted || !WORD.test(text), at: 0 },
  })); // prettier-ignore
const { node: trees } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    restriction,
    fc.record({ kind: fc.constant('not' as const), part: tie('node') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('node'), { minLength: 2, maxLength: 4 }),
    }),
  ),
}));

/** A filter in the one text that every filter of its meaning has. */
function textOf(node: Node, within?: 'and' | 'or' | 'not'): string {
  if (node.kind === 'restriction') {
    const { text, quoted } = node.value;
    const value = quoted ? `"${text.replaceAll(/["\\]/g, (char) => `\\${char}`)}"` : text;
    return `${node.field} ${node.comparator} ${value}`;
  }
  const bare = within === undefined || (within === 'and' && node.kind !== 'and') || (within === 'or' && node.kind === 'not'); // prettier-ignore
  const text =
    node.kind === 'not'
      ? `NOT ${textOf(node.part, 'not')}`
      : node.parts.map((part) => textOf(part, node.kind)).join(node.kind === 'and' ? ' AND ' : ' OR '); // prettier-ignore
  return bare ? text : `(${text})`;
}

/** A tree without the places of its words. */
function meaningOf(node: Node | null): unknown {
  return JSON.parse(JSON.stringify(node, (name, value: unknown) => (name === 'at' ? undefined : value)));
}

export const filterTrees = fc.property(trees, (tree) => {
  const text = textOf(tree);
  const read = unlessRefused(FilterError, () => parseFilter(text)); // beyond its bounds it is refused
  if (read !== undefined) same(meaningOf(read), meaningOf(tree));
});

export const filterTexts = fc.property(
  fc.oneof(
    trees.chain((tree) => mutatedBytes(Buffer.from(textOf(tree))).map((bytes) => bytes.toString())),
    fc.array(fc.constantFrom('model', 'status', 'NOT', '-', 'AND', 'OR', '(', ')', '=', '!=', '>', ':', '"a', '"b*"', "'", '*', '500', '-1', '\\', 'a.b', 'f(', '💥', '\u00a0'), { maxLength: 14 }).map((words) => words.join(' ')), // prettier-ignore
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(...ODD_VALUES).map(String),
  ),
  (given) => {
    const read = unlessRefused(FilterError, () => parseFilter(given));
    if (!read) return;
    const text = textOf(read);
    if (text.length > MAX_FILTER) return;
    const again = parseFilter(text) as Node;
    same(meaningOf(again), meaningOf(read));
    same(unlessRefused(FilterError, () => conditionOf(again)), unlessRefused(FilterError, () => conditionOf(read))); // prettier-ignore
  },
);

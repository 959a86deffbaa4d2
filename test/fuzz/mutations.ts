/** Valid things made wrong: bytes changed, JSON changed in its structure. */
import fc from 'fast-check';

export type Bytes = Buffer;

/** Values that programs stumble over. */
export const ODD_VALUES: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 2 ** 63, '9223372036854775807', '18446744073709551616',
  'NaN', 'Infinity', '-Infinity', '', ' ', '\u0000', '\ud800', '💥', '__proto__', 'constructor', 'toString', '../../etc/passwd', '%s%n', "' OR 1=1 --",
  '2026-01-31T12:00:00Z', '2026-02-30T25:61:61Z', '9999-12-31T23:59:59.999Z', '1d', '-5m', '99999999d', 'P1D', [], {}, [[]], [null], { a: { b: {} } }, 'x'.repeat(5000),
]; // prettier-ignore

/** Names that mean something to JavaScript, or nothing to anybody. */
const ODD_NAMES = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '',
  '/',
  '~',
  '~2',
  'a/b',
  '0',
  '$watermark',
  'ż',
  '\u0000',
  'length',
];

const odd = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

interface Edit {
  at: number;
  kind: number;
  value: unknown;
  name: string;
}

const edits = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.nat(6),
    value: odd,
    name: fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ maxLength: 8 })),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Every place in a value that can be changed: its holder, and its name or index there. */
function placesOf(value: unknown): [holder: Record<string, unknown>, name: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name): [Record<string, unknown>, string][] => [
    [holder, name],
    ...placesOf(holder[name]),
  ]);
}

function put(holder: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
}

function edited(root: Record<string, unknown>, { at, kind, value, name }: Edit): void {
  const places = placesOf(root);
  const [holder, member] = places[at % Math.max(1, places.length)] ?? [root, name];
  const old = holder[member];
  if (kind <= 1) put(holder, member, value);
  else if (kind === 2 && Array.isArray(holder)) holder.splice(Number(member), 1);
  else if (kind === 2) Reflect.deleteProperty(holder, member);
  else if (kind === 3 && Array.isArray(holder)) holder.push(old);
  else if (kind === 3) put(holder, name, old);
  else if (kind === 4) put(holder, member, [old]);
  else if (kind === 5) put(holder, member, { [name]: old });
  else
    put(
      holder,
      member,
      typeof old === 'number' ? String(old) : typeof old === 'string' ? Number(old) : [old, old],
    );
}

/** A copy of a JSON value with a few changes to its members and elements. */
export function mutatedJson(seed: unknown): fc.Arbitrary<unknown> {
  return edits.map((all) => {
    const root: { it: unknown } = { it: structuredClone<unknown>(seed) };
    for (const edit of all) edited(root, edit);
    return root.it;
  });
}

const byteEdits = fc.array(
  fc.record({ at: fc.nat(), kind: fc.nat(6), value: fc.nat(255), length: fc.integer({ min: 1, max: 64 }) }),
  { minLength: 1, maxLength: 5 },
);

/** A copy of bytes with a few of them flipped, overwritten, removed, doubled, put in, or cut off. */
export function mutatedBytes(seed: Uint8Array): fc.Arbitrary<Bytes> {
  return byteEdits.map((all) => {
    let bytes = Buffer.from(seed);
    for (const { at, kind, value, length } of all) {
      const place = at % Math.max(1, bytes.length);
      if (kind === 0 && bytes.length > 0) bytes[place] = (bytes[place] ?? 0) ^ (1 << (value % 8));
      else if (kind === 1 && bytes.length > 0) bytes[place] = value;
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)]);
      else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
      else if (kind === 4)
        bytes = Buffer.concat([bytes.subarray(0, place), Buffer.alloc(length, value), bytes.subarray(place)]);
      else if (kind === 5) bytes = bytes.subarray(0, place);
      else bytes = Buffer.concat([bytes, Buffer.alloc(length, value)]);
    }
    return bytes;
  });
}

/** A body of JSON: as it is, changed in its structure, or in its bytes. */
export function jsonBodies(seed: unknown): fc.Arbitrary<Bytes> {
  const text = (value: unknown): Bytes => Buffer.from(JSON.stringify(value ?? null));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(text(seed)) },
    { weight: 6, arbitrary: mutatedJson(seed).map(text) },
    { weight: 2, arbitrary: mutatedBytes(text(seed)) },
    { weight: 1, arbitrary: fc.nat(3000).map((deep) => Buffer.from('['.repeat(deep) + ']'.repeat(deep))) },
  );
}

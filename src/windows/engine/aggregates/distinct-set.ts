import type { Json } from '../messages.js';

/** Registers of the estimate: 2^12. */
const INDEX_BITS = 12;
const REGISTERS = 2 ** INDEX_BITS;
/** Standard error of an estimate, relative to what is counted. */
export const DISTINCT_ERROR = 1.04 / Math.sqrt(REGISTERS);
/** The constant of a HyperLogLog of many registers (Flajolet, Fusy, Gandouet, Meunier, 2007). */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/**
 * Counts distinct values: exactly up to a bound, then by a HyperLogLog with a standard error of 1.6 %. Which of the two it is
 * depends only on the values, not on their order or on how they were merged.
 */
export class DistinctSet {
  private values: Set<string> | null = new Set();
  private registers: Uint8Array | null = null;

  constructor(private readonly bound: number) {}

  get approximate(): boolean {
    return this.registers !== null;
  }

  add(value: Json): void {
    const text = textOf(value);
    if (this.registers) note(this.registers, text);
    else {
      this.values?.add(text);
      if ((this.values as Set<string>).size > this.bound) this.estimate();
    }
  }

  merge(other: DistinctSet): void {
    if (other.registers) {
      const registers = this.estimate();
      other.registers.forEach((rank, at) => {
        if (rank > (registers[at] as number)) registers[at] = rank;
      });
    } else
      for (const text of other.values as Set<string>) {
        if (this.registers) note(this.registers, text);
        else this.values?.add(text);
      }
    if (this.values && this.values.size > this.bound) this.estimate();
  }

  count(): number {
    return this.registers ? estimateOf(this.registers) : (this.values as Set<string>).size;
  }

  encode(): Json {
    if (this.registers) return { registers: String.fromCharCode(...this.registers.map((rank) => rank + 48)) };
    return [...(this.values as Set<string>)];
  }

  static decode(encoded: Json, bound: number): DistinctSet {
    const set = new DistinctSet(bound);
    if (Array.isArray(encoded)) set.values = new Set(encoded as string[]);
    else {
      const { registers } = encoded as { registers: string };
      set.values = null;
      set.registers = Uint8Array.from(registers, (character) => character.charCodeAt(0) - 48);
    }
    return set;
  }

  private estimate(): Uint8Array {
    if (this.registers) return this.registers;
    const registers = new Uint8Array(REGISTERS);
    for (const text of this.values as Set<string>) note(registers, text);
    this.values = null;
    return (this.registers = registers);
  }
}

/** One text for each value: the order of an object's members says nothing. */
function textOf(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  const members = Object.entries(value as Readonly<Record<string, Json>>);
  return `{${members
    .map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`)
    .sort()
    .join()}}`;
}

function note(registers: Uint8Array, text: string): void {
  const [high, low] = hash(text);
  const at = high >>> (32 - INDEX_BITS);
  const rest = (high << INDEX_BITS) | (low >>> (32 - INDEX_BITS));
  const rank = Math.clz32(rest) + 1;
  if (rank > (registers[at] as number)) registers[at] = rank;
}

function estimateOf(registers: Uint8Array): number {
  let sum = 0;
  let empty = 0;
  for (const rank of registers) {
    sum += 2 ** -rank;
    if (rank === 0) empty++;
  }
  const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
  // Linear counting, where most registers are still empty.
  return Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw);
}

/** Two independent 32-bit hashes of a text: FNV-1a over its UTF-16 units, each mixed by the finaliser of MurmurHash3. */
function hash(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
  }
  return [mix(a), mix(b ^ text.length)];
}

function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

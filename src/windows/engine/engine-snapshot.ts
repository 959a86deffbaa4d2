import type { Json } from './messages.js';
import type { Key } from './operator.js';

/** Keys in one part of a snapshot. */
const KEYS_IN_PART = 500;

/** A key with its place in the order of keys, and what each operator holds of it. */
export type KeyPart = readonly [text: string, ordinal: number, states: readonly Json[]];

/**
 * What an engine knew at one moment, while it goes on: a key that changes before its turn is put down first. So nobody waits for a
 * million keys to be written.
 */
export class EngineSnapshot implements IterableIterator<string> {
  /** As texts: what they tell of goes on changing. */
  private early: string[] = [];
  private state: 'begun' | 'under way' | 'whole' | 'abandoned' = 'begun';

  /**
   * @param head the first part
   * @param keys all there are; those that come later are seen too, and passed over
   * @param number greater than that of any snapshot before; keys that come later have it
   */
  constructor(
    private readonly head: string,
    private readonly keys: Iterator<Key, undefined>,
    private readonly number: number,
    private readonly encode: (key: Key) => KeyPart,
  ) {}

  /** Whether all parts were taken, so that together they are a snapshot. */
  get isWhole(): boolean {
    return this.state === 'whole';
  }

  /** Another has begun, or the engine is another one: no more parts come, and those that were taken are worth nothing. */
  abandon(): void {
    if (this.state !== 'whole') this.state = 'abandoned';
    this.early = [];
  }

  /** Called before a key changes. */
  before(key: Key): void {
    if (key.snapshot >= this.number || this.state === 'whole' || this.state === 'abandoned') return;
    key.snapshot = this.number;
    this.early.push(this.textOf(key));
  }

  next(): IteratorResult<string, undefined> {
    if (this.state === 'begun') {
      this.state = 'under way';
      return { done: false, value: this.head };
    }
    if (this.state === 'under way') {
      const part = this.takePart();
      if (part.length > 0) return { done: false, value: `[${part.join(',')}]` };
      this.state = 'whole';
    }
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  private takePart(): string[] {
    const part = this.early.splice(0);
    while (part.length < KEYS_IN_PART) {
      const key = this.keys.next().value;
      if (!key) break;
      if (key.snapshot >= this.number) continue;
      key.snapshot = this.number;
      part.push(this.textOf(key));
    }
    return part;
  }

  private textOf(key: Key): string {
    return JSON.stringify(this.encode(key));
  }
}

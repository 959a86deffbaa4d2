import { pointerToken } from '../../errors.js';
import { tokensOf } from '../definition/field.js';

/** A field of a definition, ready to be looked up in many events. */
export class Field {
  /** JSON pointer. */
  readonly pointer: string;
  /** The one name to look up, where it is no more than that; null: follow `tokens`. */
  private readonly name: string | null;
  private readonly tokens: readonly string[];

  /** @param field a member name or JSON pointer that `tokensOf` reads */
  constructor(field: string) {
    this.tokens = tokensOf(field) ?? [];
    this.pointer = this.tokens.map(pointerToken).join('');
    const [first, ...others] = this.tokens;
    // Names such as `constructor` are in every object; only a look at its own members tells whether an event has one.
    this.name = first !== undefined && others.length === 0 && !(first in Object.prototype) ? first : null;
  }

  /** @returns undefined where the event has no such member */
  of(event: Readonly<Record<string, unknown>>): unknown {
    return this.name === null ? this.follow(event) : event[this.name];
  }

  private follow(event: unknown): unknown {
    let value = event;
    for (const token of this.tokens) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value) ? !/^(0|[1-9]\d*)$/.test(token) : !Object.hasOwn(value, token))
        return undefined;
      value = (value as Record<string, unknown>)[token];
    }
    return value;
  }
}

import { MAX_FAULTS, pointerToken, type Fault } from '../../errors.js';

/** What is wrong with a value: all of it, up to `MAX_FAULTS`. */
export class FaultList {
  readonly list: Fault[] = [];

  /** @returns null, what a read of a wrong value gives */
  add(pointer: string, detail: string): null {
    if (this.list.length < MAX_FAULTS) this.list.push({ pointer, detail });
    return null;
  }
}

/** Reads a value that stands at a pointer. @returns null where it is wrong, which is then among the faults */
export type Read<T> = (value: unknown, pointer: string, faults: FaultList) => T | null;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object, asked for one by one; those that nobody asked for are faults. */
export class Members {
  private readonly asked = new Set<string>();

  private constructor(
    private readonly object: Readonly<Record<string, unknown>>,
    readonly pointer: string,
    readonly faults: FaultList,
  ) {}

  static of(value: unknown, pointer: string, faults: FaultList): Members | null {
    return isObject(value)
      ? new Members(value, pointer, faults)
      : faults.add(pointer, value === undefined ? 'is missing' : 'must be an object');
  }

  required<T>(name: string, read: Read<T>): T | null {
    const value = this.value(name);
    return value === undefined ? this.fault(name, 'is missing') : read(value, this.at(name), this.faults);
  }

  /** @returns `fallback` where there is no such member, and where it is wrong */
  optional<T>(name: string, read: Read<T>, fallback: T): T {
    const value = this.value(name);
    return value === undefined ? fallback : (read(value, this.at(name), this.faults) ?? fallback);
  }

  /** As `optional`, of a member that may be null, where null says something else than that there is none. */
  nullable<T>(name: string, read: Read<T>, fallback: T | null): T | null {
    return this.value(name) === null ? null : this.optional<T | null>(name, read, fallback);
  }

  fault(name: string, detail: string): null {
    return this.faults.add(this.at(name), detail);
  }

  /** To be called once all members have been asked for. @param what such as `a stream` */
  refuseOthers(what: string): void {
    for (const name of Object.keys(this.object))
      if (!this.asked.has(name))
        this.fault(name, `is not a member of ${what}, which has ${[...this.asked].join(', ')}`);
  }

  private value(name: string): unknown {
    this.asked.add(name);
    return Object.hasOwn(this.object, name) ? this.object[name] : undefined;
  }

  private at(name: string): string {
    return this.pointer + pointerToken(name);
  }
}

/** One of some texts. */
export function oneOf<T extends string>(known: readonly T[]): Read<T> {
  return (value, pointer, faults) =>
    known.find((one) => one === value) ?? faults.add(pointer, `must be one of ${known.join(', ')}`);
}

/** A whole number of a range. */
export function wholeNumber(least: number, most: number): Read<number> {
  return (value, pointer, faults) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : faults.add(pointer, `must be a whole number from ${least} to ${most}`);
}

/** A number above 0 and below 1. */
export const share: Read<number> = (value, pointer, faults) =>
  typeof value === 'number' && value > 0 && value < 1
    ? value
    : faults.add(pointer, 'must be a number above 0 and below 1');

/** The members of an object whose names are free, in their order; in an object without prototype, so that no name is in it by itself. */
export function readNamed<T>(
  members: readonly (readonly [string, unknown])[],
  read: (value: unknown, name: string) => T | null,
): Record<string, T> {
  const found = Object.create(null) as Record<string, T>;
  for (const [name, value] of members) {
    const one = read(value, name);
    if (one !== null) found[name] = one;
  }
  return found;
}

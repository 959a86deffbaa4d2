import { countOfFaults, MAX_FAULTS, OrielError, pointerToken, type Fault } from '../../../errors.js';

type Members = Readonly<Record<string, unknown>>;

/** Reads parts of a JSON request and keeps what is wrong with them, each with its pointer. */
export class FaultList {
  readonly faults: Fault[] = [];

  /** @returns null, for what cannot be read */
  add(pointer: string, detail: string): null {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ pointer, detail });
    return null;
  }

  /** An object; undefined where it is absent, null (and a fault) for anything else. So do the others below. */
  members(value: unknown, pointer: string): Members | null | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
    return this.add(pointer, 'must be an object');
  }

  list(value: unknown, pointer: string): readonly unknown[] | null | undefined {
    if (value === undefined) return undefined;
    return Array.isArray(value) ? (value as unknown[]) : this.add(pointer, 'must be an array');
  }

  text(from: Members, name: string, pointer: string): string | null | undefined {
    const value = from[name];
    if (value === undefined) return undefined;
    const text = typeof value === 'string' && !value.startsWith('\0');
    return text ? value : this.add(pointer + pointerToken(name), 'must be a string');
  }

  flag(from: Members | null | undefined, name: string, pointer: string): boolean | null | undefined {
    const value = from?.[name];
    if (value === undefined || typeof value === 'boolean') return value;
    return this.add(pointer + pointerToken(name), 'must be true or false');
  }

  /** A whole number of at least `min`. */
  count(
    from: Members | null | undefined,
    name: string,
    min: number,
    pointer: string,
  ): number | null | undefined {
    const value = from?.[name];
    if (value === undefined) return undefined;
    if (Number.isSafeInteger(value) && (value as number) >= min) return value as number;
    return this.add(pointer + pointerToken(name), `must be a whole number of at least ${min}`);
  }

  /** @throws OrielError `invalid-input` (400, as the protocol wants it) when there are faults */
  throwIfAny(): void {
    if (this.faults.length > 0) throw invalidRequest(this.faults);
  }
}

/** A request that cannot be answered as it stands. */
export function invalidRequest(faults: readonly Fault[]): OrielError {
  const detail = countOfFaults(faults, 'part', 'request');
  return new OrielError('badParameter', 'invalid-input', detail, { faults });
}

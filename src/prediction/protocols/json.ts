/** An object as JSON has it: no array, not null. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A row that any name can be put into, `__proto__` as well. */
export function emptyRow(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** @returns what `read` gives; undefined where it refuses by an error of its kind. Anything else that is thrown is a fault of ours. */
export function unlessRefused<T>(refusal: new (...args: never[]) => Error, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof refusal) return undefined;
    throw error;
  }
}

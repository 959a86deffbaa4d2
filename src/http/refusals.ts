/**
 * How often requests and connections were refused since the start, by the code of the problem. Codes are few and fixed, so it
 * does not grow. What was not even a request is counted here alone: `connections-full`, `source-connections-full`, `client-stalled`.
 */
export class Refusals {
  private readonly counts = new Map<string, number>();

  add(code: string): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
  }

  /** By code, in the order in which they first came. */
  get all(): ReadonlyMap<string, number> {
    return this.counts;
  }
}

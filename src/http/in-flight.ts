import type { ServerResponse } from 'node:http';
import type { RequestContext } from './request-context.js';

/** How long a request is remembered whose connection is gone, in milliseconds: nothing goes on longer for nobody. */
const LONGEST_WITHOUT_CLIENT = 600_000;

/**
 * The requests that have not passed the gate yet, in the order of their arrival: also those whose clients are gone, since their
 * handlers go on, and they leave a record when they end.
 */
export class InFlight {
  private readonly contexts = new Set<RequestContext>();
  /** When the connection of a request went that has not passed. */
  private readonly gone = new Map<RequestContext, number>();

  /** @param clock milliseconds */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** @param closed told when its answer is out or its connection gone */
  enter(
    context: RequestContext,
    response: ServerResponse,
    closed?: (context: RequestContext, response: ServerResponse) => void,
  ): void {
    this.contexts.add(context);
    response.on('close', () => {
      if (this.contexts.has(context)) this.gone.set(context, this.clock());
      closed?.(context, response);
    });
  }

  get count(): number {
    return this.contexts.size;
  }

  /** It passes the gate now; from here on whoever keeps the gate knows of it. */
  leave(context: RequestContext): void {
    this.contexts.delete(context);
    this.gone.delete(context);
  }

  /** When the oldest of them arrived, in epoch milliseconds; null when there is none. */
  get oldest(): number | null {
    this.forget();
    for (const { id } of this.contexts) return parseInt(id.slice(0, 8) + id.slice(9, 13), 16); // as RFC 9562 has it
    return null;
  }

  /** A request that never came to the gate must not be waited for for ever. */
  private forget(): void {
    const until = this.clock() - LONGEST_WITHOUT_CLIENT;
    for (const [context, since] of this.gone) {
      if (since > until) return;
      this.leave(context);
    }
  }
}

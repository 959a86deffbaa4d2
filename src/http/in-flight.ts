import type { ServerResponse } from 'node:http';
import type { RequestContext } from './request-context.js';

/** The requests whose answers have not left yet, in the order of their arrival. */
export class InFlight {
  private readonly contexts = new Set<RequestContext>();

  enter(context: RequestContext, response: ServerResponse): void {
    this.contexts.add(context);
    response.once('close', () => this.contexts.delete(context));
  }

  /** When the oldest of them arrived, in epoch milliseconds; null when there is none. */
  get oldest(): number | null {
    for (const { id } of this.contexts) return parseInt(id.slice(0, 8) + id.slice(9, 13), 16); // as RFC 9562 has it
    return null;
  }
}

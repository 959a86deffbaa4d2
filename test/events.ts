/** A reader of server-sent events, as a browser's EventSource is one: over a connection of its own, resumable. */
import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { eventually, type Server } from './server.js';

export interface SentEvent {
  id: string | null;
  event: string;
  data: Record<string, unknown>;
}

/** Events that a server sends over one connection, as they come. */
export class EventReader {
  readonly events: SentEvent[] = [];
  comments = 0;
  headers: IncomingHttpHeaders = {};
  /** Whether the server has ended it. */
  ended = false;
  private rest = '';
  private incoming: IncomingMessage | undefined;

  private constructor(private readonly outgoing: ClientRequest) {}

  /** Connects, and waits until the answer begins. */
  static open(server: Server, path: string, headers: Record<string, string> = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path, headers, agent: false as const };
      const outgoing = request(options, (incoming) => {
        reader.incoming = incoming;
        reader.headers = incoming.headers;
        if (incoming.statusCode !== 200) return reject(new Error(`answered ${incoming.statusCode}`));
        incoming.setEncoding('utf8').on('data', (text: string) => reader.take(text));
        incoming.on('error', () => undefined); // a server that dies
        incoming.on('close', () => (reader.ended = true));
        resolve(reader);
      });
      const reader = new EventReader(outgoing);
      outgoing.on('error', reject).end();
    });
  }

  /** The events of a kind. */
  of(kind: string): Record<string, unknown>[] {
    return this.events.filter(({ event }) => event === kind).map(({ data }) => data);
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== null)?.id ?? '';
  }

  /** Waits for so many events of a kind. */
  async until(kind: string, count: number): Promise<Record<string, unknown>[]> {
    return eventually(`${count} events "${kind}"`, () =>
      this.of(kind).length >= count ? this.of(kind) : undefined,
    );
  }

  /** Takes nothing more of what is sent. */
  stall(): void {
    this.incoming?.removeAllListeners('data').pause();
  }

  close(): void {
    this.outgoing.destroy();
  }

  private take(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) this.takeBlock(block);
  }

  private takeBlock(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    if (fields.has('')) this.comments++;
    const data = fields.get('data');
    if (data === undefined) return;
    const event = fields.get('event') ?? 'message';
    this.events.push({ id: fields.get('id') ?? null, event, data: JSON.parse(data) as SentEvent['data'] });
  }
}

import KeyvRedis, { createClient } from '@keyv/redis';
import type { Shelf } from './shared-store.js';

/** What the keys begin with in a Redis that others use, too; another number whenever the form of results changes. */
const NAMESPACE = 'oriel1';
/** Most commands that wait for a connection that is slow. */
const MAX_COMMANDS = 4096;
const CONNECT_TIMEOUT_MS = 2000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** A Redis as a shelf. While it is away every errand fails at once, and the connection is tried again and again. */
export class RedisShelf implements Shelf {
  private readonly client;
  private readonly redis: KeyvRedis<string>;

  constructor(url: string) {
    this.client = createClient({
      url,
      disableOfflineQueue: true, // what waits for a Redis to come back is of no use to anybody
      commandsQueueMaxLength: MAX_COMMANDS,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectStrategy: (tries) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)),
      },
    });
    this.redis = new KeyvRedis<string>(this.client, { namespace: NAMESPACE, throwOnErrors: true });
    // Each errand tells its own failure.
    this.client.on('error', () => undefined);
    this.redis.on('error', () => undefined);
  }

  /** Begins to connect. */
  open(): void {
    this.client.connect().catch(() => undefined);
  }

  get(key: string): Promise<string | undefined> {
    return this.redis.get<string>(key);
  }

  set(key: string, text: string, ttl: number): Promise<unknown> {
    return this.redis.set(key, text, ttl);
  }

  close(): void {
    if (this.client.isOpen) this.client.destroy();
  }
}

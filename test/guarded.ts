/** A server that asks for keys, and questions with one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, type Question, type Reply } from './client.js';
import { Server, temporaryFolder, type Environment } from './server.js';

export const ADMIN = 'correct-horse-battery-staple';

export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
export const basic = (name: string, key: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${key}`).toString('base64')}`,
});
export const codeOf = ({ json }: Reply): unknown => (json as { code?: string } | undefined)?.code;

export interface NewKey extends Record<string, unknown> {
  id: string;
  key: string;
}

/** A server with keys, and how to ask it with one. */
export class Guarded {
  private constructor(
    readonly server: Server,
    readonly folder: string,
  ) {}

  static async start(environment: Environment = {}): Promise<Guarded> {
    const folder = environment.ORIEL_DATA ?? temporaryFolder();
    const server = await Server.start({ ORIEL_DATA: folder, ORIEL_ADMIN_KEY: ADMIN, ...environment });
    return new Guarded(server, folder);
  }

  as(key: string, path: string, { headers, ...question }: Question = {}): Promise<Reply> {
    return ask(this.server, path, { ...question, headers: { ...headers, ...bearer(key) } });
  }

  admin(path: string, question: Question = {}): Promise<Reply> {
    return this.as(ADMIN, path, question);
  }

  async key(body: Record<string, unknown>): Promise<NewKey> {
    const reply = await this.admin('/v1/keys', { body });
    expect([reply.status, reply.text]).toEqual([201, reply.text]);
    return reply.json as NewKey;
  }

  async record(reply: Reply): Promise<Record<string, unknown>> {
    const { json } = await this.admin(`/v1/audit/requests/${String(reply.headers['x-request-id'])}`);
    return json as Record<string, unknown>;
  }
}

/** The files of a folder in which a text is. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name);
}

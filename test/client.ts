/** HTTP as clients speak it: whole requests over connections of their own, and bytes where a client would not obey. */
import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Server } from './server.js';

export interface Question {
  method?: string;
  headers?: Record<string, string>;
  /** Sent as it is when a text or bytes, else as JSON. */
  body?: unknown;
  /** A connection of its own when absent. */
  agent?: Agent;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  json: unknown;
}

/** Sends a request and reads the whole answer. */
export function ask(server: Server, path: string, question: Question = {}): Promise<Reply> {
  const { body, agent } = question;
  const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const content = raw ? body : JSON.stringify(body);
  const headers: Record<string, string | number> = {
    ...(raw ? {} : { 'content-type': 'application/json' }),
    ...(content === undefined ? {} : { 'content-length': Buffer.byteLength(content) }),
    ...question.headers,
  };
  const method = question.method ?? (content === undefined ? 'GET' : 'POST');
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method, headers, agent: agent ?? false };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve(replyOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks))),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(content);
  });
}

/** Sends bytes and reads until the server closes the connection. */
export function askRaw(server: Server, bytes: string | Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(20_000, () => socket.destroy(new Error('the server neither answers nor closes')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))));
    socket.write(bytes);
  });
}

/** The text of a request, as it goes over the wire; it asks to close the connection. */
export function wire(method: string, path: string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries({ host: 'oriel.test', connection: 'close', ...headers });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** A connection that is open. */
export function connected(server: Server): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.off('error', reject).on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function parse(bytes: Buffer): Reply {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no answer, but ${JSON.stringify(bytes.toString())}`);
  const [first = '', ...lines] = bytes.subarray(0, end).toString().split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return replyOf(Number(first.split(' ')[1]), headers, bytes.subarray(end + 4));
}

function replyOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Reply {
  const text = bytes.toString();
  const isJson = /[/+]json/.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;
  return {
    status,
    headers,
    bytes,
    text,
    json: isJson && text !== '' ? (JSON.parse(text) as unknown) : undefined,
  };
}

/** A record as the list shows it; what else it holds is checked by what is expected of it. */
export interface AuditRecord extends Record<string, unknown> {
  id: string;
  route: string | null;
  outcome: string;
  status: number;
}

/** All records that a query finds, newest first, page after page. */
export async function records(server: Server, query = ''): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  let token: string | undefined;
  do {
    const page: string = token === undefined ? '' : `&pageToken=${token}`;
    const { json } = await ask(server, `/v1/audit/requests?limit=1000${query && `&${query}`}${page}`);
    const { items, nextPageToken } = json as { items: AuditRecord[]; nextPageToken?: string };
    found.push(...items);
    token = nextPageToken;
  } while (token !== undefined);
  return found;
}

/** The record of an answer. */
export async function recordOf(
  server: Server,
  { headers }: Pick<Reply, 'headers'> | Response,
): Promise<AuditRecord> {
  const id = headers instanceof Headers ? headers.get('x-request-id') : headers['x-request-id'];
  const { json } = await ask(server, `/v1/audit/requests/${String(id)}`);
  return json as AuditRecord;
}

/** A GET through `fetch`, for tests that read an answer as a client library would. */
export function get(server: Server, path: string, method = 'GET'): Promise<Response> {
  return fetch(server.url + path, { method });
}

/** A POST through `fetch`; a text is sent as it is, anything else as JSON. */
export function post(
  server: Server,
  path: string,
  body: unknown,
  type = 'application/json',
): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

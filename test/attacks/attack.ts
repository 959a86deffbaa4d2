import { connect } from 'node:net';
import { ask, recordOf, type Reply } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import type { Server } from '../server.js';

/** Holds a refusal to its status and code, and to being on record. */
export async function expectRefused(
  server: Server,
  reply: Reply,
  status: number,
  code: string,
): Promise<void> {
  expect([reply.status, (reply.json as { code?: string } | undefined)?.code]).toEqual([status, code]);
  expect(await recordOf(server, reply)).toMatchObject({ status, problem: code });
}

export async function expectServing(server: Server): Promise<void> {
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
}

/** All that a server sends on a connection until it closes it. @param half whether the client closes its side (a FIN) at once */
export function exchange(server: Server, bytes: string | Buffer, half = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    if (half) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** Sends a byte now and then until the server closes. @returns what it said */
export function trickle(server: Server, head: string, byte: string, every: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    let said = '';
    socket.setEncoding('latin1').on('data', (text: string) => (said += text));
    socket.on('error', () => undefined);
    socket.write(head);
    const drops = setInterval(() => socket.write(byte), every);
    socket.on('close', () => {
      clearInterval(drops);
      resolve(said);
    });
  });
}

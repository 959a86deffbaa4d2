/**
 * The yardstick: a `node:http` server that parses the 13 features and answers as many bytes as Oriel does, and does
 * nothing else. Its only argument is the length of the answer's body.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const FRAME = '{"pad":""}';
const answer = FRAME.replace('""', `"${'x'.repeat(Number(process.argv[2]) - FRAME.length)}"`);
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

function reply(response: ServerResponse, text: string): void {
  const row = JSON.parse(text) as Record<string, unknown>;
  if (typeof row.RM === 'number') response.writeHead(200, headers).end(answer);
  else response.writeHead(400).end();
}

function read(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'GET') {
    response.writeHead(304, { etag: request.headers['if-none-match'] }).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => reply(response, Buffer.concat(chunks).toString()));
}

const server = createServer(read);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));

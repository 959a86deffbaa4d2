/** Every kind of worker thread ends in every way it can, under load: what was under way is refused, and all goes on by itself. */
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { ask, type Reply } from '../client.js';
import { fill } from '../filled.js';
import { house, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { RecordFile } from './chain-check.js';

const PRELOAD = join(import.meta.dirname, 'preload.mjs');
/** Small enough for a test to use it up in a moment. */
const HEAP = '--max-old-space-size=160';
const CLIENTS = 8;

type Kind = 'journal' | 'inference' | 'reader' | 'long-reader';
type Way = 'throw' | 'reject' | 'exit' | 'memory';

function startOn(folder: string, environment: Record<string, string> = {}): Promise<Server> {
  return Server.start({
    ORIEL_DATA: folder,
    FAULTS_FOLDER: folder,
    NODE_OPTIONS: `--import=${PRELOAD} ${HEAP}`,
    ...environment,
  });
}

async function start(environment: Record<string, string> = {}): Promise<{ server: Server; folder: string }> {
  const folder = temporaryFolder();
  return { server: await startOn(folder, environment), folder };
}

/** Ends a thread, and waits until it has begun to end. */
async function end(folder: string, kind: Kind, way: Way): Promise<void> {
  const order = join(folder, `die-${kind}`);
  writeFileSync(`${order}.new`, way);
  writeFileSync(order, way);
  await eventually(`the ${kind} thread takes its order`, () => (existsSync(order) ? undefined : true));
}

const statusOf = async (server: Server, path: string): Promise<number> => (await ask(server, path)).status;
const idOf = ({ headers }: Reply): string => headers['x-request-id'] as string;
const codeOf = ({ json }: Reply): unknown => (json as { code?: unknown } | undefined)?.code;

/** Clients that ask until told to stop. */
function load(send: (n: number) => Promise<Reply>): { replies: Reply[]; stop: () => Promise<void> } {
  const replies: Reply[] = [];
  let going = true;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let n = client; going; n += CLIENTS) replies.push(await send(n));
  });
  const stop = async (): Promise<void> => {
    going = false;
    await Promise.all(clients);
  };
  return { replies, stop };
}

function succeeded(replies: readonly Reply[]): number {
  return replies.filter(({ status }) => status === 200).length;
}

async function moreSucceed(replies: readonly Reply[], many: number): Promise<void> {
  const before = succeeded(replies);
  await eventually('it answers again', () => (succeeded(replies) > before + many ? true : undefined));
}

test.each<[Kind, string, Way[]]>([
  ['inference', 'inference-lost', ['throw', 'reject', 'exit', 'memory']],
  ['journal', 'not-recorded', ['reject', 'exit', 'memory']],
])('the %s thread: what is under way is refused with %s, and nothing answered is lost', async (kind, code, ways) => {
  const { server, folder } = await start();
  const { replies, stop } = load((n) => ask(server, PREDICT, { body: house(n) }));
  for (const way of ways) {
    await moreSucceed(replies, 30);
    await end(folder, kind, way);
  }
  await moreSucceed(replies, 30);
  await stop();
  await eventually('ready', async () => ((await statusOf(server, '/health/ready')) === 200 ? true : undefined));
  for (const reply of replies.filter(({ status }) => status !== 200))
    expect([reply.status, codeOf(reply), reply.headers['retry-after']]).toEqual([503, code, '1']);
  const file = new RecordFile(folder);
  expect(file.missing(replies.filter(({ status }) => status === 200).map(idOf))).toEqual([]);
  expect(file.duplicates).toBe(0);
  file.check();
  file.close();
  await server.stop();
}); // prettier-ignore

test('the reader thread: a query under way is refused, the next has another, and predictions go on', async () => {
  const { server, folder } = await start();
  const predictions = load((n) => ask(server, PREDICT, { body: house(n) }));
  const queries = load(() => ask(server, '/v1/audit/requests?limit=20'));
  for (const way of ['throw', 'reject', 'exit', 'memory'] as const) {
    await moreSucceed(queries.replies, 10);
    await end(folder, 'reader', way);
  }
  await moreSucceed(queries.replies, 10);
  await Promise.all([queries.stop(), predictions.stop()]);
  for (const reply of queries.replies.filter(({ status }) => status !== 200))
    expect([reply.status, codeOf(reply)]).toEqual([503, 'readers-down']);
  expect(succeeded(predictions.replies)).toBe(predictions.replies.length);
  await server.stop();
});

/** An export that is not read until told to, and how it ended. */
function exportOf(server: Server): { begun: Promise<number>; finish: () => Promise<{ complete: boolean }> } {
  const outgoing = request({ host: '127.0.0.1', port: server.port, path: '/v1/audit/export', agent: false });
  const response = new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    outgoing.once('response', resolve).once('error', reject),
  );
  outgoing.end();
  return {
    begun: response.then(({ statusCode = 0 }) => statusCode),
    finish: async () => {
      const incoming = await response;
      incoming.on('error', () => undefined).resume();
      if (!incoming.closed) await new Promise((closed) => incoming.once('close', closed));
      return { complete: incoming.complete };
    },
  };
}

/** There is one thread, which comes back a moment after the export before. */
function begunExport(server: Server): Promise<ReturnType<typeof exportOf>> {
  return eventually('an export begins', async () => {
    const one = exportOf(server);
    if ((await one.begun) === 200) return one;
    await one.finish();
    return undefined;
  });
}

test('the thread of an export: the answer breaks off so that the client sees it, and the next export is whole', async () => {
  const folder = temporaryFolder();
  await fill(folder, 20_000, 3000); // more than the connection holds for a client that does not read
  const server = await startOn(folder, { ORIEL_EXPORTS: '1' });
  for (const [death, way] of (['throw', 'exit', 'memory'] as const).entries()) {
    const broken = await begunExport(server);
    await end(folder, 'long-reader', way);
    await eventually('the thread is gone', () =>
      server.stderr.split('the long-reader thread is gone').length > death + 1 ? true : undefined,
    );
    expect(await broken.finish()).toEqual({ complete: false });
    const whole = await begunExport(server);
    expect(await whole.finish()).toEqual({ complete: true });
  }
  const verdict = await eventually('the thread of exports is free again', async () => {
    const { status, json } = await ask(server, '/v1/audit/verify');
    return status === 200 ? json : undefined;
  });
  expect(verdict).toMatchObject({ valid: true });
  await server.stop();
});

test('an inference thread that dies again and again is given up: neither ready nor live, and told why', async () => {
  const { server, folder } = await start({ ORIEL_THREAD_RESTARTS: '3' });
  const order = join(folder, 'die-inference');
  const sawLost = load(async (n) => {
    if (!existsSync(order)) writeFileSync(order, 'throw');
    return ask(server, PREDICT, { body: house(n) });
  });
  await eventually('it is given up', () => (server.stderr.includes('died again and again') ? true : undefined));
  await sawLost.stop();
  const live = await ask(server, '/health/live');
  expect([live.status, live.text]).toEqual([503, expect.stringContaining('"threads":{"status":"down"}')]);
  expect((await ask(server, '/health')).text).toContain('died again and again');
  const ready = await ask(server, '/health/ready');
  expect(ready.status).toBe(503);
  expect((await ask(server, '/health')).text).toContain('a restart is needed');
  const refused = await ask(server, PREDICT, { body: house(1) });
  expect([refused.status, codeOf(refused)]).toEqual([503, 'inference-lost']);
  expect(await statusOf(server, '/v1/audit/requests')).toBe(200);
  await server.stop();
}); // prettier-ignore

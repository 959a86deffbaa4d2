import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { ask } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { expectServing } from './attack.js';

const V2 = '/v2/models/boston-housing/infer';
const EVENTS = '/v1/streams/cars/events';
const MIB = 1024 * 1024;
/** As long as a body may be, but for what stands around it. */
const LONG = 16 * MIB - 100;
const EMPTY_OBJECTS = `[${'{},'.repeat(LONG / 3 - 1)}{}]`;
/** As many as are parsed. */
const MOST_OBJECTS = `[${'{},'.repeat(999_998)}{}]`;

let server: Server;
let fresh: number;
beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: temporaryFolder() });
  const minute = { type: 'tumbling', size: '1m', aggregates: { n: { op: 'count' } } };
  const body = { key: ['car'], eventTime: 'time', windows: { minute } };
  expect((await ask(server, '/v1/streams/cars', { method: 'PUT', body })).status).toBe(201);
  for (let n = 0; n < 50; n++) expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  fresh = memory('VmRSS');
});
afterEach(() => expectServing(server));

/** Resident memory in MiB: now, or the most that there was. */
const memory = (which: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024; // prettier-ignore

const send = async (path: string, body: string | Buffer, more: Record<string, string> = {}) => {
  const reply = await ask(server, path, { body, headers: { 'content-type': 'application/json', ...more } });
  const { code, errors = [], detail } = reply.json as { code: string; errors?: unknown[]; detail: string };
  return { status: reply.status, code, named: errors.length, detail };
};

test('millions of empty objects are not parsed, wherever they are sent, and take little more than their text', async () => {
  const refused = { status: 413, code: 'too-many-containers' };
  expect(await send(PREDICT, EMPTY_OBJECTS)).toMatchObject(refused);
  expect(memory('VmHWM') - fresh).toBeLessThan(120); // of one that is parsed 450
  expect(await send('/v1/outcomes', EMPTY_OBJECTS)).toMatchObject(refused);
  expect(await send(EVENTS, EMPTY_OBJECTS)).toMatchObject(refused);
  const line = `[${'{},'.repeat(300_000)}{}]\n`;
  expect(await send(EVENTS, line.repeat(17), { 'content-type': 'application/x-ndjson' })).toMatchObject(
    refused,
  );
  const binary = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(EMPTY_OBJECTS.length),
  };
  expect(await send(V2, EMPTY_OBJECTS, binary)).toMatchObject(refused);
});

test('a million wrong rows are answered with a hundred faults, and a sentence that says that there may be more', async () => {
  expect(await send(PREDICT, MOST_OBJECTS)).toEqual({
    status: 422,
    code: 'invalid-input',
    named: 100,
    detail:
      'At least 100 values of the input cannot be used; what comes after the 100 that are named was not looked at.',
  });
});

test('memory comes back after many bombs', async () => {
  const packed = gzipSync(Buffer.alloc(100_000_000, '\n'));
  const deep = '['.repeat(8_000_000);
  for (let round = 0; round < 6; round++) {
    const gzip = { 'content-encoding': 'gzip' };
    expect(await send(PREDICT, packed, gzip)).toMatchObject({ status: 413, code: 'compression-ratio' });
    expect(await send(PREDICT, deep)).toMatchObject({ status: 400, code: 'json-too-deep' });
    expect(await send(PREDICT, MOST_OBJECTS)).toMatchObject({ status: 422 });
    expect(await send(PREDICT, EMPTY_OBJECTS)).toMatchObject({ status: 413 });
  }
  expect(memory('VmHWM') - fresh).toBeLessThan(500);
  // The runtime gives pages back after a while in which little is asked.
  await eventually(
    'the process is little larger than before',
    async () => {
      for (let n = 0; n < 20; n++) await expectServing(server);
      await new Promise((wake) => setTimeout(wake, 500));
      return memory('VmRSS') - fresh < 150 || undefined;
    },
    40_000,
  );
}, 60_000);

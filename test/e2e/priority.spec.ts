/** Threads that read the record, which must not keep those waiting who ask a model. */
import { readdirSync, readFileSync } from 'node:fs';
import { ask } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { Server, temporaryFolder } from '../server.js';

let server: Server;
beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: temporaryFolder() });
});

/** How many threads of the server have each nice value. */
function nice(): Map<number, number> {
  const found = new Map<number, number>();
  for (const thread of readdirSync(`/proc/${server.pid}/task`)) {
    const stat = readFileSync(`/proc/${server.pid}/task/${thread}/stat`, 'utf8');
    const value = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]); // the 19th field
    found.set(value, (found.get(value) ?? 0) + 1);
  }
  return found;
}

test('those that answer pages and counts go behind all others, and exports further behind', async () => {
  const before = nice();
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  expect((await ask(server, '/v1/audit/requests')).status).toBe(200);
  expect([nice().get(10), nice().get(19)]).toEqual([(before.get(10) ?? 0) + 1, before.get(19)]);
  expect((await ask(server, '/v1/audit/export?format=ndjson')).status).toBe(200);
  expect(nice().get(19)).toBe((before.get(19) ?? 0) + 1);
});

/** A page that says `immutable` must never be another: also where a record of its time is still to come. */
import { ask, connected, records, wire, type AuditRecord } from '../client.js';
import { HOUSE, houses, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const LIST = '/v1/audit/requests';

test('no page is immutable while the record of a client that is gone is still to come', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_INFERENCE_THREADS: '1' });
  const canary = '/v1/models/boston-housing/labels/canary/predict';
  await ask(server, PREDICT, { body: HOUSE });
  let seen = 0;
  for (let attempt = 0; attempt < 10; attempt++) {
    const body = JSON.stringify(houses(20_000)); // which keep the one thread for a while
    const gone = await connected(server);
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      'x-request-id': `gone-${attempt}`,
    };
    await new Promise<void>((sent) => gone.write(wire('POST', canary, headers) + body, () => sent()));
    await new Promise((resolve) => setTimeout(resolve, 60));
    gone.destroy();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const page = `${LIST}?limit=1000&to=${Date.now()}`;
    const first = await ask(server, page);
    const known = await records(server, `clientRequestId=gone-${attempt}`);
    await eventually('the record is there', async () =>
      (await records(server, `clientRequestId=gone-${attempt}`)).length > 0 ? true : undefined,
    );
    if (first.headers['cache-control']?.includes('immutable')) {
      const ids = (reply: unknown): string[] => (reply as { items: AuditRecord[] }).items.map(({ id }) => id);
      expect(ids((await ask(server, page)).json)).toEqual(ids(first.json));
    }
    if (known.length === 0) seen++;
  }
  expect(seen).toBeGreaterThan(0); // or nothing was ever still to come
  const past = await ask(server, `${LIST}?limit=1000&to=${Date.now() - 1}`);
  expect(past.headers['cache-control']).toContain('immutable');
  await server.stop();
});

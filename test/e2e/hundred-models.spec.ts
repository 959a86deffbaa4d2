import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../client.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';

const MODELS = 100;
const FILE = join(PROJECT, 'test/fixtures/load/triples.onnx');
/** Far more than it takes: it is there to tell seconds from minutes. */
const AT_MOST_MS = 30_000;
const AT_MOST_MIB = 1024;

test('a hundred small models are ready in a few seconds, and each of them answers', async () => {
  const models = temporaryFolder();
  for (let n = 0; n < MODELS; n++) {
    const folder = join(models, `model-${n}`, '1');
    mkdirSync(folder, { recursive: true });
    cpSync(FILE, join(folder, 'model.onnx'));
  }
  const from = performance.now();
  const server = await Server.of(models);
  const took = performance.now() - from;

  const replies = await Promise.all(
    Array.from({ length: MODELS }, (_, n) =>
      ask(server, `/v1/models/model-${n}/predict`, { body: { f0: n, f1: 1 } }),
    ),
  );
  expect(replies.map(({ json }) => (json as { prediction?: unknown }).prediction)).toEqual(
    Array.from({ length: MODELS }, (_, n) => [3 * n, 3]),
  );
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  expect(took).toBeLessThan(AT_MOST_MS);
  expect(Number(kib) / 1024).toBeLessThan(AT_MOST_MIB);
});

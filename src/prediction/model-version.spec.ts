import fc from 'fast-check';
import { Lanes } from '../batching/lanes.js';
import type { OrielError } from '../errors.js';
import { AnswerWriter } from './answer.js';
import { featuresOf } from './features.js';
import { ModelVersion } from './model-version.js';
import type { InferencePool } from './onnx/pool.js';
import { RowEncoder, type EncodedRows } from './row-encoder.js';
import type { NamedTensor, Signature } from './signature.js';

type Run = InferencePool['run'];

/** A version whose runtime is `model`, from the tensors of a batch to those of its answer. */
function versionOf(
  shape: readonly (number | null)[],
  model: (inputs: readonly NamedTensor[]) => readonly NamedTensor[],
): {
  version: ModelVersion;
  batches: (readonly NamedTensor[])[];
  rowsOf: (...rows: unknown[]) => EncodedRows;
} {
  const signature = { inputs: [{ name: 'x', type: 'float32', shape }], outputs: [] } as unknown as Signature;
  const encoder = new RowEncoder(featuresOf(signature, undefined), signature);
  const batches: (readonly NamedTensor[])[] = [];
  const run: Run = async (_lane, _key, inputs) => {
    batches.push(inputs);
    await new Promise((resolve) => setImmediate(resolve));
    return { outputs: model(inputs), elapsed: 1 };
  };
  const pool = { lanes: new Lanes(1), run } as unknown as InferencePool;
  const parts = {
    model: 'm',
    version: '1',
    digest: 'd',
    threads: 1,
    signature,
    encoder,
    writer: new AnswerWriter('m', '1', null),
    cache: { maxAge: 0, public: false },
    deadline: 2000,
  };
  const rowsOf = (...rows: unknown[]): EncodedRows => {
    const into = encoder.empty();
    for (const row of rows) encoder.add(row, '', into, []);
    return into;
  };
  return { version: new ModelVersion(parts, 'key', pool, { maxRows: 8, maxQueue: 1000 }), batches, rowsOf };
}

const echo = ([input]: readonly NamedTensor[]): NamedTensor[] => [{ ...input!, name: 'y' }];

describe('ModelVersion', () => {
  it('gives each request its own rows of the batch back, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 5 }), { maxLength: 12 }),
        async (requests) => {
          const { version, rowsOf } = versionOf([null, 2], echo);
          const answers = await Promise.all(
            requests.map((values) =>
              version.run(rowsOf(...values.map((value) => ({ f0: value, f1: value + 1 })))),
            ),
          );
          answers.forEach(({ rows, outputs: [own] }, index) => {
            expect(rows).toBe(requests[index]!.length);
            expect(own!.dims).toEqual([rows, 2]);
            expect([...own!.data]).toEqual(requests[index]!.flatMap((value) => [value, value + 1]));
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('puts what comes while a batch runs into the next one', async () => {
    const { version, batches, rowsOf } = versionOf([null, 1], echo);
    const answers = await Promise.all([1, 2, 3, 4].map((f0) => version.run(rowsOf({ f0 }))));
    expect(batches.map(([input]) => input!.dims)).toEqual([
      [1, 1],
      [3, 1],
    ]);
    expect(answers.map(({ batch }) => batch)).toEqual([1, 3, 3, 3]);
  });

  it('never mixes rows of different sizes where the graph leaves sizes open', async () => {
    const { version, rowsOf } = versionOf([null, null], echo);
    const requests = [[9], [1, 2], [1, 2, 3, 4], []];
    const answers = await Promise.all(requests.map((x) => version.run(rowsOf({ x }))));
    expect(answers.map(({ outputs: [own] }) => [own!.dims, [...own!.data]])).toEqual(
      requests.map((x) => [[1, x.length], x]),
    );
  });

  it('runs requests each for itself when the outputs of their batch have other rows than its inputs', async () => {
    const { version, rowsOf } = versionOf([null, 1], ([input]) => [
      { ...input!, dims: [1, 1], data: new Float32Array(1) }, // as a graph answers that sums over the batch
    ]);
    const answers = await Promise.allSettled([1, 2, 3].map((f0) => version.run(rowsOf({ f0 }))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    await expect(version.run(rowsOf({ f0: 4 }, { f0: 5 }))).rejects.toMatchObject({ code: 'model-failed' });
  });

  it('fails only the request on whose input the model fails', async () => {
    const { version, rowsOf } = versionOf([null, 1], (inputs) => {
      if ((inputs[0]!.data as Float32Array).includes(13)) throw new Error('unlucky');
      return echo(inputs);
    });
    const answers = await Promise.allSettled([1, 2, 13, 4].map((f0) => version.run(rowsOf({ f0 }))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(answers[2]).toMatchObject({ reason: { kind: 'invalid', code: 'model-failed' } });
  });

  it('refuses rows beyond its queue as a full house', async () => {
    const { version, rowsOf } = versionOf([null, 1], echo);
    const rows = (count: number): EncodedRows => rowsOf(...Array.from({ length: count }, () => ({ f0: 0 })));
    const running = version.run(rows(1));
    const waiting = version.run(rows(900));
    expect(version.waiting).toBe(900);
    await expect(version.run(rows(101))).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'queue-full',
      retryAfter: 1,
    });
    await Promise.all([running, waiting]);
  });

  it('gives up on those who waited longer than they would, or are gone, and answers the others', async () => {
    const { version, rowsOf } = versionOf([null, 1], echo);
    const row = rowsOf({ f0: 1 });
    const first = version.run(row);
    const answers = await Promise.allSettled([
      version.run(row, { deadline: performance.now() - 1, gone: () => false }),
      version.run(row, { deadline: Infinity, gone: () => true }),
      version.run(row),
    ]);
    await first;
    expect(
      answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as OrielError).code : 'ok')),
    ).toEqual(['deadline-exceeded', 'aborted', 'ok']);
  });

  it('gives up also on tensors that go alone, once their caller has', async () => {
    const { version, batches } = versionOf([null, 1], echo);
    const tensors = (): NamedTensor[] => [
      { name: 'x', type: 'float32', dims: [0, 1], data: new Float32Array() },
    ];
    const late = version.infer(tensors(), { deadline: performance.now() - 1, gone: () => false });
    await expect(late).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(batches).toEqual([]);
    await expect(version.infer(tensors())).resolves.toMatchObject({ outputs: [{ name: 'y' }] });
  });
});

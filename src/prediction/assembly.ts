import { Lanes } from '../batching/lanes.js';
import { usableCpus } from '../config/cpus.js';
import type { Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { AnswerWriter } from './answer.js';
import type { ModelEntry } from './catalog.js';
import { featuresOf } from './features.js';
import { checkExample } from './golden-example.js';
import type { ExampleConfig } from './model-config.js';
import { ModelVersion } from './model-version.js';
import type { LoadAnswer, LoadRequest } from './onnx/messages.js';
import type { ModelRunner } from './onnx/pool.js';
import type { ProbedModel } from './onnx/prober.js';
import { RowEncoder } from './row-encoder.js';

const PROBE_KEY = 'probe';

/** What a prober is asked, to load a model file as the server would. */
export function probeRequest({ intraOpThreads, modelColumns }: Settings, path: string): LoadRequest {
  return {
    key: PROBE_KEY,
    path,
    mostThreads: usableCpus(),
    mostColumns: modelColumns,
    ...(intraOpThreads > 0 ? { threads: intraOpThreads } : {}),
  };
}

/** Runs batches in the prober. */
export function probeRunner(probed: ProbedModel): ModelRunner {
  return {
    lanes: new Lanes(1),
    run: (_, __, inputs) => probed.run(inputs),
    unload: () => Promise.resolve(),
  };
}

/** A version of a model that is loaded under `key`. @throws OrielError `invalid-model-config` where its features do not fit */
export function assembled(
  settings: Settings,
  { name, config }: ModelEntry,
  version: string,
  { signature, digest, threads }: LoadAnswer,
  runner: ModelRunner,
  key = PROBE_KEY,
): ModelVersion {
  const encoder = new RowEncoder(featuresOf(signature, config.features), signature, settings.elements);
  const cache = { maxAge: config.cache?.maxAge ?? 0, public: config.cache?.public ?? false };
  const deadline = config.batching?.deadline ?? settings.deadline;
  const { classes, probabilities } = signature;
  const labelled = classes && probabilities !== null ? { labels: classes, output: probabilities } : null;
  const writer = new AnswerWriter(name, version, labelled);
  const bounds = {
    maxRows: config.batching?.maxRows ?? settings.maxBatch,
    maxQueue: config.batching?.maxQueue ?? settings.maxQueue,
  };
  return new ModelVersion(
    { model: name, version, digest, threads, signature, encoder, writer, cache, deadline },
    key,
    runner,
    bounds,
  );
}

/** Has a version answer its example. @throws OrielError `wrong-example` */
export async function answering(version: ModelVersion, example: ExampleConfig | undefined): Promise<void> {
  const misfit = example && (await checkExample(version, example));
  if (misfit) throw new OrielError('invalid', 'wrong-example', misfit);
}

import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType, NamedTensor } from '../signature.js';
import { digestOf, externalFiles } from './external-data.js';
import { decodeModel, labelsOf, readSignature } from './graph.js';
import { ModelError, reasonOfRuntime } from './model-error.js';
import { encodeModel, rewriteOutputs } from './rewrite.js';
import type { LoadAnswer, LoadRequest, RunAnswer, RunRequest } from './messages.js';

const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1, // more threads a session cost small models far more than they give
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4, // the runtime writes to stderr by itself; what it throws is enough
};

/** The loaded models of one inference thread. This and the thread's entry are the only code that knows the runtime. */
export class Sessions {
  private readonly sessions = new Map<string, InferenceSession>();

  /** @throws ModelError for a file that cannot be served */
  async load({ key, path }: LoadRequest): Promise<LoadAnswer> {
    const bytes = await readFile(path);
    const model = decodeModel(bytes);
    const labels = labelsOf(model);
    const files = await externalFiles(model, path);
    const rewritten = rewriteOutputs(model);
    const signature = readSignature(model, labels);
    try {
      // From its path where the weights lie beside it: from bytes the runtime could not find them.
      const session =
        files.length > 0 && !rewritten
          ? await InferenceSession.create(path, OPTIONS)
          : await InferenceSession.create(rewritten ? encodeModel(model) : bytes, OPTIONS);
      this.sessions.set(key, session);
    } catch (error) {
      throw new ModelError(reasonOfRuntime(error), { cause: error });
    }
    return { signature, digest: await digestOf(bytes, files) };
  }

  async run({ key, inputs }: RunRequest): Promise<RunAnswer> {
    const session = this.sessions.get(key);
    if (!session) throw new Error(`no session ${key}`);
    const feeds: Record<string, Tensor> = {};
    for (const input of inputs) feeds[input.name] = new Tensor(input.type, input.data, input.dims);
    const from = performance.now();
    const results = await session.run(feeds);
    const elapsed = performance.now() - from;
    return { outputs: session.outputNames.map((name) => toNamed(name, results[name] as Tensor)), elapsed };
  }

  async unload(key: string): Promise<void> {
    const session = this.sessions.get(key);
    this.sessions.delete(key);
    await session?.release();
  }

  async close(): Promise<void> {
    for (const key of [...this.sessions.keys()]) await this.unload(key);
  }
}

function toNamed(name: string, tensor: Tensor): NamedTensor {
  // A copy: the runtime's own memory must not leave the thread.
  return {
    name,
    type: tensor.type as ElementType,
    dims: tensor.dims,
    data: tensor.data.slice(),
  };
}

import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType, NamedTensor } from '../signature.js';
import { digestOf, externalFiles } from './external-data.js';
import { decodeModel, labelsOf, readSignature } from './graph.js';
import { ModelError, reasonOfRuntime } from './model-error.js';
import { encodeModel, freeInputs, rewriteOutputs } from './rewrite.js';
import type { LoadAnswer, LoadRequest, RunAnswer, RunRequest } from './messages.js';

const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1, // more threads a session cost small models far more than they give
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4, // the runtime writes to stderr by itself; what it throws is enough
};

/** Sessions of one model for different choices of optional inputs that are kept at once. */
const MAX_VARIANTS = 4;

interface Loaded {
  session: InferenceSession;
  path: string;
  digest: string;
  /** By the names of the optional inputs that they take. */
  variants: Map<string, InferenceSession>;
}

/** The loaded models of one inference thread. This and the thread's entry are the only code that knows the runtime. */
export class Sessions {
  private readonly sessions = new Map<string, Loaded>();

  /** @throws ModelError for a file that cannot be served */
  async load({ key, path }: LoadRequest): Promise<LoadAnswer> {
    const bytes = await readFile(path);
    const model = decodeModel(bytes);
    const labels = labelsOf(model);
    const files = await externalFiles(model, path);
    const rewritten = rewriteOutputs(model);
    const signature = readSignature(model, labels);
    const digest = await digestOf(bytes, files);
    try {
      // From its path where the weights lie beside it: from bytes the runtime could not find them.
      const session =
        files.length > 0 && !rewritten
          ? await InferenceSession.create(path, OPTIONS)
          : await InferenceSession.create(rewritten ? encodeModel(model, bytes) : bytes, OPTIONS);
      this.sessions.set(key, { session, path, digest, variants: new Map() });
    } catch (error) {
      throw new ModelError(reasonOfRuntime(error), { cause: error });
    }
    return { signature, digest };
  }

  async run({ key, inputs }: RunRequest): Promise<RunAnswer> {
    const loaded = this.sessions.get(key);
    if (!loaded) throw new Error(`no session ${key}`);
    const session = await this.sessionFor(loaded, inputs);
    const feeds: Record<string, Tensor> = {};
    for (const input of inputs) feeds[input.name] = new Tensor(input.type, input.data, input.dims);
    const from = performance.now();
    const results = await session.run(feeds);
    const elapsed = performance.now() - from;
    return { outputs: session.outputNames.map((name) => toNamed(name, results[name] as Tensor)), elapsed };
  }

  async unload(key: string): Promise<void> {
    const loaded = this.sessions.get(key);
    this.sessions.delete(key);
    for (const session of loaded ? [loaded.session, ...loaded.variants.values()] : [])
      await session.release();
  }

  /**
   * The session that takes these inputs. The runtime's Node binding ignores what it is given for an input that has a value of
   * its own; so the first time one is given, the model is loaded once more without that value.
   */
  private async sessionFor(
    { session, path, digest, variants }: Loaded,
    inputs: readonly NamedTensor[],
  ): Promise<InferenceSession> {
    const given = inputs.map(({ name }) => name).filter((name) => !session.inputNames.includes(name));
    if (given.length === 0) return session;
    const names = JSON.stringify(given.sort());
    const known = variants.get(names);
    if (known) return known;
    const bytes = await readFile(path);
    const model = decodeModel(bytes);
    if ((await digestOf(bytes, await externalFiles(model, path))) !== digest)
      throw new Error('the model file is no longer the one that was loaded');
    rewriteOutputs(model);
    freeInputs(model, given);
    const variant = await InferenceSession.create(encodeModel(model, bytes), OPTIONS);
    const [oldest] = variants.keys();
    if (oldest !== undefined && variants.size >= MAX_VARIANTS) {
      const last = variants.get(oldest);
      variants.delete(oldest);
      await last?.release();
    }
    variants.set(names, variant);
    return variant;
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

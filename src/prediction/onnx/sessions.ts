import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType, NamedTensor } from '../signature.js';
import { ModelError, readSignature } from './graph.js';
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
    const signature = readSignature(bytes);
    try {
      this.sessions.set(key, await InferenceSession.create(bytes, OPTIONS));
    } catch (error) {
      throw new ModelError(`ONNX Runtime cannot load the model${reasonOf(error)}.`, { cause: error });
    }
    return { signature, digest: createHash('sha256').update(bytes).digest('hex') };
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

/** The little of the runtime's complaint that helps its reader and tells nothing of this machine. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : '';
  const operator =
    /No Op registered for (\w+) with domain_version of (\d+)/.exec(text) ??
    /is not a registered function\/op/.exec(text);
  if (operator?.[1]) return `: it does not know the operator ${operator[1]} of opset ${operator[2]}`;
  if (operator) return ': it uses an operator that is not known';
  return '';
}

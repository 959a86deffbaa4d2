import { readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType, NamedTensor, Signature } from '../signature.js';
import { digestOf, externalFiles, filesNamed } from './external-data.js';
import { guardDivisions } from './division.js';
import { decodeModel, labelsOf, readSignature } from './graph.js';
import { ModelError, reasonOfReading, reasonOfRuntime } from './model-error.js';
import { encodeModel, freeInputs, rewriteOutputs, type Rewriting, type SequenceForm } from './rewrite.js';
import {
  MODEL_CHANGED,
  NO_SESSION,
  type LoadAnswer,
  type LoadRequest,
  type RunAnswer,
  type RunRequest,
} from './messages.js';
import { computes, givesRowsFirst, isFaster, isHeavy, timed, type TryRun } from './trial.js';

/**
 * @param threads that a run is divided among: more than one cost small models far more than they give
 * @param folder where weights that are not in the model lie, for a model that is opened from its bytes
 */
function options(threads: number, folder: string | null): InferenceSession.SessionOptions {
  const weights = folder === null ? {} : { model_external_initializers_file_folder_path: folder };
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4, // the runtime writes to stderr by itself; what it throws is enough
    extra: { session: { intra_op: { allow_spinning: '0' }, ...weights } }, // idle threads leave the CPUs to others
  };
}

function changed(): Error {
  const message = 'The model file is no longer the one that was loaded.';
  return Object.assign(new Error(message), { code: MODEL_CHANGED });
}

/** Sessions of one model for different choices of optional inputs that are kept at once. */
const MAX_VARIANTS = 4;

/** The path or the bytes of a model, and the folder of its weights where some are not in it. */
interface Source {
  source: string | Uint8Array;
  folder: string | null;
}

interface Loaded {
  session: InferenceSession;
  threads: number;
  path: string;
  digest: string;
  form: SequenceForm;
  /** By the names of the optional inputs that they take. */
  variants: Map<string, InferenceSession>;
}

/** The loaded models of one inference thread. This and the thread's entry are the only code that knows the runtime. */
export class Sessions {
  private readonly sessions = new Map<string, Loaded>();

  /** @throws ModelError for a file that cannot be served; an error with the code `model-changed` for one that is another */
  async load(request: LoadRequest): Promise<LoadAnswer> {
    try {
      return await this.loadNow(request);
    } catch (error) {
      const reason = reasonOfReading(error);
      if (reason === undefined) throw error;
      throw new ModelError(reason, { cause: error });
    }
  }

  private async loadNow(request: LoadRequest): Promise<LoadAnswer> {
    const { key, path, expected, threads, mostThreads, mostColumns } = request;
    const bytes = await readFile(path);
    if (expected && (await digestOf(bytes, await filesNamed(expected.weights, path))) !== expected.digest)
      throw changed();
    const files = await externalFiles(decodeModel(bytes), path);
    const digest = expected?.digest ?? (await digestOf(bytes, files));
    const lain = files.length > 0 ? path : bytes;
    let form: SequenceForm = 'stacked';
    let { source, signature, rewritten } = prepared(bytes, lain, form, mostColumns);
    const folder = files.length > 0 ? dirname(path) : null;
    let first = await opened({ source, folder }, threads ?? 1);
    if (rewritten.sequence && !(await computes(trying(first), signature))) {
      await first.release();
      form = 'apart';
      ({ source, signature, rewritten } = prepared(bytes, lain, form, mostColumns));
      first = await opened({ source, folder }, threads ?? 1);
    }
    const alone = !(await givesRowsFirst(trying(first), signature));
    const told = alone ? { ...signature, alone } : signature;
    const chosen =
      threads === undefined
        ? await fastest(first, { source, folder }, told, mostThreads)
        : { session: first, threads };
    await this.unload(key); // a thread that starts may be told twice
    this.sessions.set(key, { ...chosen, path, digest, form, variants: new Map() });
    const weights = files.map((file) => relative(dirname(path), file));
    return { signature: told, digest, weights, threads: chosen.threads };
  }

  async run({ key, inputs }: RunRequest): Promise<RunAnswer> {
    const loaded = this.sessions.get(key);
    if (!loaded) throw Object.assign(new Error(`no session ${key}`), { code: NO_SESSION });
    const session = await this.sessionFor(loaded, inputs);
    const feeds = feedsOf(inputs);
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
    { session, threads, path, digest, form, variants }: Loaded,
    inputs: readonly NamedTensor[],
  ): Promise<InferenceSession> {
    const given = inputs.map(({ name }) => name).filter((name) => !session.inputNames.includes(name));
    if (given.length === 0) return session;
    const names = JSON.stringify(given.sort());
    const known = variants.get(names);
    if (known) return known;
    const bytes = await readFile(path);
    const model = decodeModel(bytes);
    const files = await externalFiles(model, path);
    if ((await digestOf(bytes, files)) !== digest) throw changed();
    rewriteOutputs(model, form);
    freeInputs(model, given);
    const { functions } = guardDivisions(model);
    const folder = files.length > 0 ? dirname(path) : null;
    const variant = await InferenceSession.create(
      encodeModel(model, bytes, functions),
      options(threads, folder),
    );
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

/**
 * What a session is made from, and its signature.
 * @param lain the file as it lies: its path where weights lie beside it, since the runtime then need not hold them twice
 * @throws ModelError
 */
function prepared(
  bytes: Buffer,
  lain: string | Uint8Array,
  form: SequenceForm,
  mostColumns: number,
): { source: string | Uint8Array; signature: Signature; rewritten: Rewriting } {
  const model = decodeModel(bytes);
  const labels = labelsOf(model);
  const rewritten = rewriteOutputs(model, form);
  const signature = readSignature(model, labels, mostColumns);
  const guarded = guardDivisions(model);
  const anew = rewritten.map || rewritten.sequence || guarded.graph || guarded.functions.size > 0;
  const source = anew ? encodeModel(model, bytes, guarded.functions) : lain;
  return { source, signature, rewritten };
}

/** @throws ModelError */
async function opened({ source, folder }: Source, threads: number): Promise<InferenceSession> {
  try {
    return typeof source === 'string'
      ? await InferenceSession.create(source, options(threads, null))
      : await InferenceSession.create(source, options(threads, folder));
  } catch (error) {
    throw new ModelError(reasonOfRuntime(error), { cause: error });
  }
}

function feedsOf(inputs: readonly NamedTensor[]): Record<string, Tensor> {
  return Object.fromEntries(inputs.map(({ name, type, data, dims }) => [name, new Tensor(type, data, dims)]));
}

function trying(session: InferenceSession): TryRun {
  return async (inputs) => Object.values(await session.run(feedsOf(inputs))).map(({ dims }) => dims);
}

/** Where a model takes long, tries it with all threads that it may have; keeps the faster session. */
async function fastest(
  one: InferenceSession,
  source: Source,
  signature: Signature,
  most: number,
): Promise<{ session: InferenceSession; threads: number }> {
  const timings = most > 1 ? await timed(trying(one), signature) : undefined;
  if (!timings || !isHeavy(timings)) return { session: one, threads: 1 };
  const several = await opened(source, most).catch(() => null);
  if (!several) return { session: one, threads: 1 }; // more threads are more than it can have: one will do
  const better = isFaster(await timed(trying(several), signature), timings);
  await (better ? one : several).release();
  return better ? { session: several, threads: most } : { session: one, threads: 1 };
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

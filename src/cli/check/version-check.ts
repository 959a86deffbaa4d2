import { statSync } from 'node:fs';
import { cacheControl } from '../../prediction/caching/freshness.js';
import { exampleLine } from '../../banner.js';
import type { Settings } from '../../config/settings.js';
import { OrielError, type Fault } from '../../errors.js';
import { answering, assembled, probeRequest, probeRunner } from '../../prediction/assembly.js';
import type { ModelConfig } from '../../prediction/model-config.js';
import type { ModelVersion } from '../../prediction/model-version.js';
import type { Prober, ProbedModel } from '../../prediction/onnx/prober.js';
import { batchModeOf, type TensorSpec } from '../../prediction/signature.js';
import { exampleOf, reasonOf } from '../../prediction/version-opener.js';
import { mistakenFor } from './mistaken.js';

/** Something that is wrong; `pointer` is a place in model.json. */
export interface Problem {
  pointer?: string;
  detail: string;
}

/** What is known of one version of a model, as far as it could be read. */
export interface Checked {
  model: string;
  version: string;
  file: string;
  /** Bytes. */
  size: number;
  problems: Problem[];
  /** Whether its example is answered as `model.json` says. */
  example: 'right' | 'wrong' | 'none' | 'untried';
  served?: Served;
  curl?: string;
}

/** What would be served. */
export interface Served {
  digest: string;
  producer: string | null;
  opset: number | null;
  inputs: readonly TensorSpec[];
  optionalInputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  /** How rows go through: `rows` any number at once, `single` one by one, `whole` as the model takes them. */
  batching: string;
  features: { name: string; type: string; shape: readonly (number | null)[] }[];
  classes: readonly string[] | null;
  random: boolean;
  cacheControl: string;
}

export interface Subject {
  name: string;
  config: ModelConfig;
  version: string;
  path: string;
}

/** Loads a version in a process of its own, as the server would, and has it answer its example. Finds all that is wrong, not only the first. */
export async function checkVersion(prober: Prober, settings: Settings, subject: Subject): Promise<Checked> {
  const { name, config, version, path } = subject;
  const example = exampleOf(config, version);
  const checked: Checked = {
    model: name,
    version,
    file: path,
    size: statSync(path).size,
    problems: [],
    example: example ? 'untried' : 'none',
  };
  try {
    await prober.probe(probeRequest(settings, path), (probed) =>
      exercise(probed, settings, subject, checked),
    );
  } catch (error) {
    const mistaken = mistakenFor(path);
    checked.problems.push(...(mistaken === undefined ? problemsOf(error) : [{ detail: mistaken }]));
  }
  return checked;
}

async function exercise(
  probed: ProbedModel,
  settings: Settings,
  subject: Subject,
  checked: Checked,
): Promise<void> {
  const { name, config, version } = subject;
  const example = exampleOf(config, version);
  const entry = { name, config, versions: [] };
  checked.served = servedBy(probed, config);
  try {
    const opened = assembled(settings, entry, version, probed, probeRunner(probed));
    checked.served.features = opened.features.map(({ name: feature, type, shape }) => ({
      name: feature,
      type,
      shape,
    }));
    checked.curl = curlOf(name, opened, example?.input);
    if (!example) return;
    checked.example = 'wrong';
    await answering(opened, example);
    checked.example = 'right';
  } catch (error) {
    if (!(error instanceof OrielError)) throw error;
    checked.problems.push(...problemsOf(error));
  }
}

function servedBy({ digest, signature }: ProbedModel, { cache }: ModelConfig): Served {
  const { producer, opset, inputs, optionalInputs, outputs, classes, random } = signature;
  const freshness = { maxAge: cache?.maxAge ?? 0, public: cache?.public ?? false };
  return {
    digest, producer, opset, inputs, optionalInputs, outputs, batching: batchModeOf(signature), features: [], classes, random,
    cacheControl: cacheControl(freshness, random),
  }; // prettier-ignore
}

/** A line that asks it once it is served: its example, else zeros and empty texts of the right sizes. */
function curlOf(
  name: string,
  { features }: ModelVersion,
  example: Record<string, unknown> | undefined,
): string {
  const input =
    example ??
    Object.fromEntries(features.map(({ name: feature, type, shape }) => [feature, zeros(type, shape)]));
  return exampleLine('http://127.0.0.1:8000', name, input);
}

function zeros(type: string, [size, ...inner]: readonly (number | null)[]): unknown {
  if (size === undefined) return type === 'string' ? '' : type === 'bool' ? false : 0;
  return Array.from({ length: size ?? 1 }, () => zeros(type, inner));
}

function problemsOf(error: unknown): Problem[] {
  const faults: readonly Fault[] = error instanceof OrielError ? error.faults : [];
  return faults.length > 0 ? [...faults] : [{ detail: reasonOf(error) }];
}

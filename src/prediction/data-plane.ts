import { Injectable } from '@nestjs/common';
import type { AuditNotes } from '../audit/record.js';
import type { RowOutputs } from './batch-runner.js';
import { Catalog, type VersionChoice } from './catalog.js';
import type { ModelVersion, TensorOutputs } from './model-version.js';
import type { Patience } from './patience.js';
import type { EncodedRows } from './row-encoder.js';
import type { NamedTensor, Signature, TensorSpec } from './signature.js';
import { allocate } from './tensors.js';

/** Which model a request asks for, and which version of it. */
export interface Target extends VersionChoice {
  model: string;
}

/**
 * Where every tongue meets: each only translates; finding the model, running it and noting it for the record is the same for all.
 * The notes are filled in as soon as something is known, so that a failure too is recorded under its model.
 */
@Injectable()
export class DataPlane {
  constructor(private readonly catalog: Catalog) {}

  /** The version that is asked. @throws OrielError `unknown-model`, `unknown-version`, `unknown-label`, `model-loading`, … */
  version(target: Target, notes: AuditNotes): ModelVersion {
    notes.model = target.model;
    const version = this.catalog.ready(target.model, target);
    notes.version = version.parts.version;
    notes.digest = version.parts.digest;
    return version;
  }

  /** Runs rows of features; no rows are answered without the model. @throws OrielError as `ModelVersion.run` */
  async run(
    version: ModelVersion,
    rows: EncodedRows,
    notes: AuditNotes,
    patience?: Patience,
  ): Promise<RowOutputs> {
    const result = rows.rows === 0 ? noRows(version.parts.signature) : await version.run(rows, patience);
    return noted(result, notes);
  }

  /** Runs tensors, which change hands. @throws OrielError as `ModelVersion.infer` */
  async infer(
    version: ModelVersion,
    tensors: readonly NamedTensor[],
    notes: AuditNotes,
    patience?: Patience,
  ): Promise<TensorOutputs> {
    return noted(await version.infer(tensors, patience), notes);
  }
}

function noted<T extends TensorOutputs>(result: T, notes: AuditNotes): T {
  notes.batch = result.batch;
  notes.queue = result.queue;
  notes.run = result.run;
  notes.ranAt = result.startedAt;
  return result;
}

/** The answer to no rows: every output, empty, of the sizes that the graph declares for a row. */
function noRows({ outputs }: Signature): RowOutputs {
  return { rows: 0, outputs: outputs.map(emptyOutput), batch: 0, queue: 0, run: 0 };
}

function emptyOutput({ name, type, shape }: TensorSpec): NamedTensor {
  const sizes = shape.slice(1).map((size) => (typeof size === 'number' ? size : 0));
  return { name, type, dims: [0, ...sizes], data: allocate(type, 0) };
}

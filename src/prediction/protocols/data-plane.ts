import { Injectable } from '@nestjs/common';
import type { AuditNotes } from '../../audit/record.js';
import { Catalog, type VersionChoice } from '../catalog.js';
import type { ModelVersion, RowOutputs } from '../model-version.js';
import type { PatienceFor } from '../request-patience.js';
import type { EncodedRows, RowEncoder } from '../row-encoder.js';
import type { Signature } from '../signature.js';
import { allocate } from '../tensors.js';
import { layoutOf, type Layout } from './layout.js';

/** Which model a request asks for. */
export interface Target {
  model: string;
  choice: VersionChoice;
}

/** What a tongue makes of a body: rows for the model, and how their answer is told. */
export interface Question {
  rows: EncodedRows;
  /** The answer as JSON text. */
  write: (result: RowOutputs) => string;
}

/** Reads a body for a model. @throws OrielError `invalid-input`, … */
export type Tongue = (layout: Layout, encoder: RowEncoder) => Question;

/** Where the tongues meet: each only translates; finding the model, running it and noting it is the same for all. */
@Injectable()
export class DataPlane {
  private readonly layouts = new WeakMap<ModelVersion, Layout>();

  constructor(private readonly catalog: Catalog) {}

  /**
   * @param notes filled in as soon as something is known, so that a failure too is recorded under its model
   * @throws OrielError what the catalog, the tongue and the model throw
   */
  async ask(
    { model, choice }: Target,
    tongue: Tongue,
    notes: AuditNotes,
    patience: PatienceFor,
  ): Promise<string> {
    notes.model = model;
    const version = this.catalog.ready(model, choice);
    notes.version = version.parts.version;
    notes.digest = version.parts.digest;
    const { rows, write } = tongue(this.layout(version), version.parts.encoder);
    const result =
      rows.rows === 0 ? noRows(version.parts.signature) : await version.run(rows, patience(version));
    const text = write(result);
    notes.batch = result.batch;
    notes.queue = result.queue;
    notes.run = result.run;
    notes.output = text;
    return text;
  }

  private layout(version: ModelVersion): Layout {
    let layout = this.layouts.get(version);
    if (!layout) {
      layout = layoutOf(version.parts.signature, version.features);
      this.layouts.set(version, layout);
    }
    return layout;
  }
}

/** The answer to no rows: every output, empty. */
function noRows({ outputs }: Signature): RowOutputs {
  return {
    rows: 0,
    outputs: outputs.map(({ name, type }) => ({ name, type, dims: [0], data: allocate(type, 0) })),
    batch: 0,
    queue: 0,
    run: 0,
  };
}

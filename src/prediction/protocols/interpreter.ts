import { Injectable } from '@nestjs/common';
import type { AuditNotes } from '../../audit/record.js';
import type { RowOutputs } from '../batch-runner.js';
import { DataPlane, type Target } from '../data-plane.js';
import type { ModelVersion } from '../model-version.js';
import type { PatienceFor } from '../request-patience.js';
import type { EncodedRows, RowEncoder } from '../row-encoder.js';
import { layoutOf, type Layout } from './layout.js';

/** What a tongue makes of a body: rows for the model, and how their answer is told. */
export interface Reading {
  rows: EncodedRows;
  /** The answer as JSON text. */
  write: (result: RowOutputs) => string;
}

/** Reads a body for a model. @throws OrielError `invalid-input`, … */
export type Tongue = (layout: Layout, encoder: RowEncoder) => Reading;

/** Asks models in the tongues that speak of rows. */
@Injectable()
export class Interpreter {
  private readonly layouts = new WeakMap<ModelVersion, Layout>();

  constructor(private readonly plane: DataPlane) {}

  /** @throws OrielError what the tongue and the data plane throw */
  async ask(target: Target, tongue: Tongue, notes: AuditNotes, patience: PatienceFor): Promise<string> {
    const version = this.plane.version(target, notes);
    const { rows, write } = tongue(this.layout(version), version.parts.encoder);
    const text = write(await this.plane.run(version, rows, notes, patience(version)));
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

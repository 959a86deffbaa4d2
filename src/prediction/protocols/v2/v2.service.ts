import { Inject, Injectable } from '@nestjs/common';
import type { PatienceFor } from '../../request-patience.js';
import type { AuditNotes } from '../../../audit/record.js';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { OrielError } from '../../../errors.js';
import { checkJson } from '../../../http/bodies.js';
import { DataPlane, type Target } from '../../data-plane.js';
import type { ModelVersion } from '../../model-version.js';
import type { NamedTensor } from '../../signature.js';
import { classify } from './classification.js';
import { parseExactly } from './exact-json.js';
import { readInferRequest, readRawRequest, type InferRequest } from './infer-request.js';
import { writeInferResponse, type AnsweredOutput, type InferResponse } from './infer-response.js';
import type { OutputChoice } from './outputs-asked.js';

/** The body of an inference request, as it came. */
export type InferBody =
  { json: unknown; text: string } | { bytes: Uint8Array; jsonLength: string | string[] | undefined };

/** Inference in the words of the Open Inference Protocol. */
@Injectable()
export class V2Service {
  constructor(
    private readonly plane: DataPlane,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * @param allows whether the caller takes an answer of this form @param notes filled in as soon as something is known
   * @throws OrielError `invalid-input`, `unknown-model`, …
   */
  async infer(
    target: Target,
    body: InferBody,
    allows: (mediaType: string) => void,
    notes: AuditNotes,
    patience: PatienceFor,
  ): Promise<InferResponse> {
    const version = this.plane.version(target, notes);
    const request =
      'bytes' in body ? ofBytes(body, version, this.settings, notes) : ofJson(body, version, this.settings);
    allows(request.outputs.some(({ binary }) => binary) ? 'application/octet-stream' : 'application/json');
    const waits = patience(version, timeoutMs(request));
    const result = await this.plane.infer(version, request.inputs, notes, waits);
    const outputs = request.outputs.map((asked) => answerOf(asked, result.outputs, version));
    const response = writeInferResponse(request.id, version.parts.model, version.parts.version, outputs);
    notes.output = response.json;
    return response;
  }
}

/** The protocol's `timeout` is in microseconds. */
function timeoutMs({ timeout }: InferRequest): number | undefined {
  return timeout === null || timeout === undefined ? undefined : timeout / 1000;
}

function ofJson(
  { json, text }: { json: unknown; text: string },
  { parts }: ModelVersion,
  { elements }: Settings,
): InferRequest {
  const { inputs, optionalInputs } = parts.signature;
  const long = [...inputs, ...optionalInputs].some(({ type }) => type === 'int64' || type === 'uint64');
  return readInferRequest(long ? parseExactly(text, json) : json, null, parts.signature, elements);
}

function ofBytes(
  { bytes, jsonLength }: { bytes: Uint8Array; jsonLength: string | string[] | undefined },
  version: ModelVersion,
  settings: Settings,
  notes: AuditNotes,
): InferRequest {
  if (jsonLength === undefined) throw wrongLength('is missing: it says how many bytes of the body are JSON');
  const length = typeof jsonLength === 'string' && /^\d{1,15}$/.test(jsonLength) ? Number(jsonLength) : -1;
  if (length < 0) throw wrongLength('must be a number of bytes');
  if (length > bytes.length) throw wrongLength(`says ${length}, the body has ${bytes.length} bytes`);
  if (length === 0) return readRawRequest(bytes, version.parts.signature);
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  checkJson(text, settings);
  const json = parse(text);
  notes.input = text;
  const { signature } = version.parts;
  return readInferRequest(parseExactly(text, json), bytes.subarray(length), signature, settings.elements);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OrielError(
      'malformed',
      'malformed-json',
      'The first bytes of the body, as many as Inference-Header-Content-Length says, are not valid JSON.',
    );
  }
}

function wrongLength(detail: string): OrielError {
  return new OrielError(
    'malformed',
    'wrong-header-length',
    `The header Inference-Header-Content-Length ${detail}.`,
  );
}

function answerOf(
  { index, binary, classification }: OutputChoice,
  outputs: readonly NamedTensor[],
  { parts, mode }: ModelVersion,
): AnsweredOutput {
  const { name } = parts.signature.outputs[index] as { name: string };
  const tensor = outputs.find((output) => output.name === name);
  if (!tensor) throw new Error(`the model gave no output ${name}`);
  if (!classification) return { tensor, binary };
  const labels = parts.signature.probabilities === index ? parts.signature.classes : null;
  return { tensor: classify(tensor, classification, mode, labels), binary };
}

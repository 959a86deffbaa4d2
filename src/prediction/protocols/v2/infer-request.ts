import { batchModeOf, type NamedTensor, type Signature, type TensorSpec } from '../../signature.js';
import { decodeBinaryData } from './binary-data.js';
import { datatypeOf, elementsIn, elementSize } from './datatypes.js';
import { FaultList, invalidRequest } from './fault-list.js';
import { decodeJsonData } from './json-data.js';
import { tooManyElements } from '../../row-encoder.js';
import { MAX_ELEMENTS, outputsAsked, type OutputChoice } from './outputs-asked.js';

/** An inference request, read and held against the signature. */
export interface InferRequest {
  id: string | null | undefined;
  inputs: NamedTensor[];
  /** What is asked for, in this order. */
  outputs: OutputChoice[];
  /** Microseconds that the caller is ready to wait. */
  timeout: number | null | undefined;
}

/**
 * Reads an inference request. Inputs are taken from `data`, or from `binary` by their `binary_data_size`, in their order.
 * @param json the JSON part @param binary what follows it; null for a body of JSON alone
 * @param mostElements most values of a tensor; held against its shape before anything is made of it
 * @throws OrielError `invalid-input` that names everything wrong; `too-many-elements`
 */
export function readInferRequest(
  json: unknown,
  binary: Uint8Array | null,
  signature: Signature,
  mostElements = MAX_ELEMENTS,
): InferRequest {
  const faults = new FaultList();
  const body = faults.members(json ?? null, '');
  if (!body) throw invalidRequest(faults.faults);
  const parameters = faults.members(body.parameters, '/parameters');
  const id = faults.text(body, 'id', '');
  const timeout = faults.count(parameters, 'timeout', 1, '/parameters');
  const inputs = new InputReader(signature, binary, faults, mostElements).read(body.inputs);
  const outputs = outputsAsked(body, parameters, signature, faults);
  faults.throwIfAny();
  return { id, inputs, outputs, timeout };
}

/**
 * A raw binary request: the body is the bytes of the model's only input and nothing else. An open dimension gets the size
 * that the bytes make; where two are open, the first is taken as a batch of one. A text is the whole body, without length.
 * @throws OrielError `invalid-input`
 */
export function readRawRequest(bytes: Uint8Array, signature: Signature): InferRequest {
  const faults = new FaultList();
  const [spec, ...more] = signature.inputs;
  if (!spec || more.length > 0) {
    faults.add('', `is raw, but the model has ${signature.inputs.length} inputs; name them`);
    faults.throwIfAny();
  }
  const input = rawTensor(spec as TensorSpec, bytes, signature, faults);
  const outputs = outputsAsked({}, { binary_data_output: true }, signature, faults);
  faults.throwIfAny();
  return { id: undefined, inputs: input ? [input] : [], outputs, timeout: undefined };
}

function rawTensor(
  spec: TensorSpec,
  bytes: Uint8Array,
  signature: Signature,
  faults: FaultList,
): NamedTensor | null {
  const open = spec.shape.filter((size) => typeof size !== 'number').length;
  const batchOfOne = batchModeOf(signature) !== 'whole' && open > 1;
  const sizes = batchOfOne ? [1, ...spec.shape.slice(1)] : spec.shape;
  const left = sizes.filter((size) => typeof size !== 'number').length;
  if (left > 1) return faults.add('', `is raw, but ${left} sizes of the input "${spec.name}" are open`);
  const fixed = elementsIn(sizes.filter((size) => typeof size === 'number'));
  const size = elementSize(spec.type);
  const count = size === null ? 1 : bytes.length / size;
  const deduced = left === 0 ? fixed : Math.floor(count / Math.max(1, fixed)) * fixed;
  if (count !== deduced)
    return faults.add('', `has ${bytes.length} bytes, which is no whole input "${spec.name}"`);
  const dims = sizes.map((one) => (typeof one === 'number' ? one : count / Math.max(1, fixed)));
  const decoded = decodeBinaryData(spec.type, count, size === null ? withLength(bytes) : bytes);
  if ('wrong' in decoded) return faults.add('', `as the input "${spec.name}" ${decoded.wrong}`);
  return { name: spec.name, type: spec.type, dims, data: decoded.data };
}

function withLength(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + text.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  return bytes;
}

/** Reads the inputs of one request, and holds them against the signature. */
class InputReader {
  private readonly specs: ReadonlyMap<string, TensorSpec>;
  private readonly seen = new Set<string>();
  /** Bytes of the binary part that inputs before have taken. */
  private taken = 0;

  constructor(
    private readonly signature: Signature,
    private readonly binary: Uint8Array | null,
    private readonly faults: FaultList,
    private readonly mostElements: number,
  ) {
    this.specs = new Map([...signature.inputs, ...signature.optionalInputs].map((spec) => [spec.name, spec]));
  }

  read(value: unknown): NamedTensor[] {
    const { faults } = this;
    const items = faults.list(value, '/inputs');
    const tensors = (items ?? []).map((item, index) => this.input(item, `/inputs/${index}`));
    if (items || value === undefined) this.nameMissing();
    const size = this.binary?.length ?? 0;
    if (faults.faults.length === 0 && this.taken !== size)
      faults.add('', `has ${size} bytes after its JSON part; its inputs take ${this.taken}`);
    return tensors.filter((tensor) => tensor !== null);
  }

  private nameMissing(): void {
    for (const { name } of this.signature.inputs)
      if (!this.seen.has(name)) this.faults.add('/inputs', `lacks the input "${name}"`);
  }

  private input(value: unknown, pointer: string): NamedTensor | null {
    const { faults } = this;
    const item = faults.members(value ?? null, pointer);
    if (!item) return null;
    const parameters = faults.members(item.parameters, `${pointer}/parameters`);
    const size = faults.count(parameters, 'binary_data_size', 0, `${pointer}/parameters`);
    const bytes = typeof size !== 'number' ? null : this.take(size, `${pointer}/parameters/binary_data_size`);
    if (parameters && 'shared_memory_region' in parameters)
      faults.add(`${pointer}/parameters/shared_memory_region`, 'is not supported: there is no shared memory');
    const name = faults.text(item, 'name', pointer);
    if (typeof name !== 'string') return name === null ? null : faults.add(`${pointer}/name`, 'is missing');
    const spec = this.specs.get(name);
    if (!spec) return faults.add(`${pointer}/name`, `is no input of this model: "${short(name)}"`);
    if (this.seen.has(name)) return faults.add(`${pointer}/name`, `gives the input "${name}" a second time`);
    this.seen.add(name);
    const typed = this.hasType(item.datatype, spec, `${pointer}/datatype`);
    const dims = this.shape(item.shape, spec, `${pointer}/shape`);
    if (!typed || !dims) return null;
    const data = this.data(item.data, bytes, size !== undefined, spec, dims, pointer);
    return data && { name, type: spec.type, dims, data };
  }

  private take(size: number, pointer: string): Uint8Array | null {
    if (!this.binary)
      return this.faults.add(pointer, 'speaks of a binary part, which needs Inference-Header-Content-Length');
    const from = this.taken;
    this.taken += size;
    if (this.taken > this.binary.length)
      return this.faults.add(
        pointer,
        `needs ${size} bytes, ${Math.max(0, this.binary.length - from)} are left`,
      );
    return this.binary.subarray(from, this.taken);
  }

  private hasType(value: unknown, spec: TensorSpec, pointer: string): boolean {
    const datatype = datatypeOf(spec.type);
    if (value === datatype) return true;
    this.faults.add(pointer, value === undefined ? 'is missing' : `must be ${datatype} for "${spec.name}"`);
    return false;
  }

  private shape(value: unknown, spec: TensorSpec, pointer: string): number[] | null {
    if (value === undefined) return this.faults.add(pointer, 'is missing');
    const wanted = `[${spec.shape.map((size) => (typeof size === 'number' ? size : -1)).join(',')}]`;
    const sizes = Array.isArray(value) ? (value as unknown[]) : null;
    const fits =
      sizes?.length === spec.shape.length &&
      sizes.every(
        (size, at) => isSize(size) && (typeof spec.shape[at] !== 'number' || spec.shape[at] === size),
      );
    if (!fits) return this.faults.add(pointer, `must fit ${wanted} for "${spec.name}" (-1 is any size)`);
    const dims = sizes as number[];
    // A size of 0 makes the product 0, whatever the others are: what they would make without it must be possible too.
    const elements = elementsIn(dims.map((size) => Math.max(1, size)));
    if (elements > MAX_ELEMENTS) return this.faults.add(pointer, 'has an impossible size');
    if (elements > this.mostElements) throw tooManyElements(this.mostElements);
    return dims;
  }

  private data(
    json: unknown,
    bytes: Uint8Array | null,
    binary: boolean,
    spec: TensorSpec,
    dims: readonly number[],
    pointer: string,
  ): NamedTensor['data'] | null {
    if (binary && json !== undefined)
      return this.faults.add(`${pointer}/data`, 'must not be given beside binary_data_size');
    if (!binary) {
      if (json === undefined) return this.faults.add(`${pointer}/data`, 'is missing');
      return decodeJsonData(spec.type, dims, json, `${pointer}/data`, this.faults.faults);
    }
    if (!bytes) return null;
    const decoded = decodeBinaryData(spec.type, elementsIn(dims), bytes);
    if ('data' in decoded) return decoded.data;
    return this.faults.add(pointer, `("${spec.name}") ${decoded.wrong}`);
  }
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_ELEMENTS;
}

function short(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

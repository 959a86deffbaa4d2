import { MAX_FAULTS, pointerToken, type Fault } from '../../../errors.js';
import { fromHalf, toHalf } from '../../half.js';
import type { ElementType, NamedTensor, TensorData } from '../../signature.js';
import { allocate } from '../../tensors.js';
import { encodeValue, expectation, floatLimit, isFloat, type Encoded } from '../../values.js';
import { elementsIn } from './datatypes.js';
import { digitsOf } from './exact-json.js';

/**
 * Reads the `data` of a tensor: flat in row-major order, or nested as its shape. Nothing is allocated before the number of
 * elements is known to be there.
 * @returns null after a fault
 */
export function decodeJsonData(
  type: ElementType,
  shape: readonly number[],
  data: unknown,
  pointer: string,
  faults: Fault[],
): TensorData | null {
  const flat = isFlat(shape, data);
  const dims = flat ? [elementsIn(shape)] : shape;
  const misfit = misfitOf(data, dims, 0, pointer);
  if (misfit) {
    faults.push(misfit);
    return null;
  }
  const into = new Elements(type, elementsIn(dims), faults);
  into.put(data, dims.length, pointer);
  return into.sound ? into.data : null;
}

/** The elements of a tensor as a flat JSON array; 64-bit integers as digits, what JSON has no number for as texts. */
export function encodeJsonData({ type, data }: Pick<NamedTensor, 'type' | 'data'>): string {
  const write = writerOf(type);
  let text = '[';
  for (let i = 0; i < data.length; i++) {
    if (i > 0) text += ',';
    text += write(data[i] as Encoded);
  }
  return `${text}]`;
}

function writerOf(type: ElementType): (value: Encoded) => string {
  if (type === 'string') return (value) => JSON.stringify(value);
  if (type === 'bool') return (value) => (value ? 'true' : 'false');
  if (type === 'float16') return (value) => writeNumber(fromHalf(value as number));
  return isFloat(type) ? (value) => writeNumber(value as number) : String;
}

function writeNumber(value: number): string {
  if (value - value !== 0) return `"${value}"`;
  return value === 0 && 1 / value < 0 ? '-0' : String(value);
}

function isFlat(shape: readonly number[], data: unknown): boolean {
  return Array.isArray(data) && !Array.isArray(data[0]) && (shape.length !== 1 || data.length === 0);
}

/** Where the arrays are not as the sizes say; the elements themselves are not looked at. */
function misfitOf(
  value: unknown,
  dims: readonly number[],
  level: number,
  pointer: string,
): Fault | undefined {
  const size = dims[level];
  if (size === undefined) return undefined;
  if (!Array.isArray(value)) return { pointer, detail: `must be an array of ${size}` };
  if (value.length !== size)
    return { pointer, detail: `has ${value.length} elements, the shape says ${size}` };
  if (level + 1 === dims.length) return undefined;
  for (let i = 0; i < size; i++) {
    const misfit = misfitOf(value[i], dims, level + 1, pointer + pointerToken(i));
    if (misfit) return misfit;
  }
  return undefined;
}

/** A tensor's elements, filled one after the other. */
class Elements {
  readonly data: TensorData;
  sound = true;
  private next = 0;
  private readonly limit: number;

  constructor(
    private readonly type: ElementType,
    count: number,
    private readonly faults: Fault[],
  ) {
    this.data = allocate(type, count);
    this.limit = type === 'float32' || type === 'float64' ? floatLimit(type) : -1;
  }

  put(value: unknown, levels: number, pointer: string): void {
    if (levels > 0) {
      const items = value as readonly unknown[];
      for (let i = 0; i < items.length; i++) this.put(items[i], levels - 1, `${pointer}/${i}`);
      return;
    }
    const into = this.data as Encoded[];
    if (typeof value === 'number' && value >= -this.limit && value <= this.limit) {
      into[this.next++] = value; // the common case
      return;
    }
    const encoded = encodeElement(this.type, value);
    if (encoded === undefined) {
      this.sound = false;
      if (this.faults.length < MAX_FAULTS) this.faults.push({ pointer, detail: expectation(this.type) });
    } else into[this.next++] = this.type === 'float16' ? toHalf(encoded as number) : encoded;
  }
}

function encodeElement(type: ElementType, value: unknown): Encoded | undefined {
  // Half a surrogate pair has no UTF-8, in which texts reach the model.
  if (type === 'string' && typeof value === 'string' && /\p{Surrogate}/u.test(value)) return undefined;
  const digits = digitsOf(value);
  if (digits === undefined) return encodeValue(type, value);
  return encodeValue(type, type === 'int64' || type === 'uint64' ? digits : Number(digits));
}

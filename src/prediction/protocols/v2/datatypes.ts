import type { ElementType } from '../../signature.js';

interface Datatype {
  /** What the protocol calls it. */
  name: string;
  /** Bytes of an element in the binary form; null for texts, which bring their length. */
  size: number | null;
}

const DATATYPES: Readonly<Record<ElementType, Datatype>> = {
  bool: { name: 'BOOL', size: 1 },
  uint8: { name: 'UINT8', size: 1 },
  uint16: { name: 'UINT16', size: 2 },
  uint32: { name: 'UINT32', size: 4 },
  uint64: { name: 'UINT64', size: 8 },
  int8: { name: 'INT8', size: 1 },
  int16: { name: 'INT16', size: 2 },
  int32: { name: 'INT32', size: 4 },
  int64: { name: 'INT64', size: 8 },
  float16: { name: 'FP16', size: 2 },
  float32: { name: 'FP32', size: 4 },
  float64: { name: 'FP64', size: 8 },
  string: { name: 'BYTES', size: null },
};

/** What the protocol calls an element type. */
export function datatypeOf(type: ElementType): string {
  return DATATYPES[type].name;
}

/** Bytes of one element in the binary form; null for BYTES. */
export function elementSize(type: ElementType): number | null {
  return DATATYPES[type].size;
}

/** The same as Triton's model configuration writes it. */
export function configTypeOf(type: ElementType): string {
  return type === 'string' ? 'TYPE_STRING' : `TYPE_${datatypeOf(type)}`;
}

/** A declared shape in the protocol's form: -1 where any size will do. */
export function shapeOf(shape: readonly (number | string | null)[]): number[] {
  return shape.map((size) => (typeof size === 'number' ? size : -1));
}

/** Elements of a tensor of this shape. */
export function elementsIn(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

import onnxProto from 'onnx-proto';

/** ONNX's own protobuf messages, as `onnx-proto` generates them. */
export const { ModelProto, NodeProto, TensorProto, ValueInfoProto, AttributeProto, FunctionProto } =
  onnxProto.onnx;

export type Model = onnxProto.onnx.ModelProto;
export type Graph = onnxProto.onnx.IGraphProto;
export type Node = onnxProto.onnx.INodeProto;
export type Attribute = onnxProto.onnx.IAttributeProto;
export type Tensor = onnxProto.onnx.ITensorProto;
export type SparseTensor = onnxProto.onnx.ISparseTensorProto;
export type ValueInfo = onnxProto.onnx.IValueInfoProto;

/** The attribute of a node, if it has it. */
export function attribute(node: Node, name: string): Attribute | undefined {
  return node.attribute?.find((one) => one.name === name);
}

/** An attribute that is a list of texts or of integers, as texts; undefined where the node has neither. */
export function textsOf(node: Node, strings: string, integers: string): string[] | undefined {
  const texts = attribute(node, strings)?.strings;
  if (texts && texts.length > 0) return texts.map((bytes) => Buffer.from(bytes).toString());
  const numbers = attribute(node, integers)?.ints;
  return numbers && numbers.length > 0 ? numbers.map(String) : undefined;
}

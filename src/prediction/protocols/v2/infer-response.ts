import type { NamedTensor } from '../../signature.js';
import { encodeBinaryData } from './binary-data.js';
import { datatypeOf } from './datatypes.js';
import { encodeJsonData } from './json-data.js';

/** An output, and the form in which it leaves. */
export interface AnsweredOutput {
  tensor: NamedTensor;
  binary: boolean;
}

/** An inference response: its JSON part, and the bytes of the outputs that go as such (null where none does). */
export interface InferResponse {
  json: string;
  binary: readonly Uint8Array[] | null;
}

/** Writes an answer in the protocol's form. */
export function writeInferResponse(
  id: string | null | undefined,
  model: string,
  version: string,
  outputs: readonly AnsweredOutput[],
): InferResponse {
  const binary: Uint8Array[] = [];
  const texts = outputs.map(({ tensor, binary: asBytes }) => {
    const head = `{"name":${JSON.stringify(tensor.name)},"datatype":"${datatypeOf(tensor.type)}","shape":[${tensor.dims.join(',')}]`;
    if (!asBytes) return `${head},"data":${encodeJsonData(tensor)}}`;
    const bytes = encodeBinaryData(tensor);
    binary.push(bytes);
    return `${head},"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const echo = !id ? '' : `"id":${JSON.stringify(id)},`;
  const names = `"model_name":${JSON.stringify(model)},"model_version":${JSON.stringify(version)}`;
  return {
    json: `{${echo}${names},"outputs":[${texts.join(',')}]}`,
    binary: outputs.some((output) => output.binary) ? binary : null,
  };
}

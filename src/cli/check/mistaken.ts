import { existsSync, openSync, readSync, closeSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A kind of file that people take for a model that can be served, and what to do with it. */
interface Kind {
  what: string;
  instead: string;
  is: (head: Buffer, path: string) => boolean;
}

const startsWith =
  (...bytes: number[]) =>
  (head: Buffer): boolean =>
    head.subarray(0, bytes.length).equals(Buffer.from(bytes));
const saysAt =
  (offset: number, text: string) =>
  (head: Buffer): boolean =>
    head.subarray(offset, offset + text.length).toString('latin1') === text;

const SKLEARN = 'convert the fitted model with skl2onnx (`to_onnx(model, X[:1])`)';
const TORCH = 'export the module with `torch.onnx.export(model, example, "model.onnx")`';
const TENSORFLOW = 'convert it with `python -m tf2onnx.convert`';

const KINDS: readonly Kind[] = [
  {
    what: 'a pickle of Python',
    instead: SKLEARN,
    is: (head) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5,
  },
  {
    what: 'a model of PyTorch',
    instead: TORCH,
    is: (head, path) => startsWith(0x50, 0x4b, 3, 4)(head) && (/\.(pt|pth|ckpt|bin)$/.test(path) || head.includes('data.pkl')),
  },
  {
    what: 'a model of Keras',
    instead: TENSORFLOW,
    is: (head, path) => startsWith(0x50, 0x4b, 3, 4)(head) && path.endsWith('.keras'),
  },
  { what: 'a model of Keras (HDF5)', instead: TENSORFLOW, is: startsWith(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a) },
  { what: 'a model of TensorFlow Lite', instead: '`python -m tf2onnx.convert --tflite FILE` converts it', is: saysAt(4, 'TFL3') },
  {
    what: 'weights without a graph (safetensors)',
    instead: 'export the whole model, for one of Hugging Face with `optimum-cli export onnx`',
    is: (head) => head.length > 9 && head.readBigUInt64LE(0) < 2n ** 27n && head.subarray(8, 10).toString() === '{"',
  },
  { what: 'a model of llama.cpp (GGUF)', instead: 'export the original model as ONNX', is: saysAt(0, 'GGUF') },
  { what: 'a model of CatBoost', instead: 'save it with `model.save_model("model.onnx", format="onnx")`', is: saysAt(0, 'CBM1') },
  { what: 'a model of LightGBM', instead: 'convert it with onnxmltools', is: saysAt(0, 'tree\n') },
  { what: 'a model of XGBoost', instead: 'convert it with onnxmltools', is: (head) => /^\s*\{\s*"learner"/.test(head.toString('latin1')) },
  { what: 'a pointer of Git LFS, not the file itself', instead: 'fetch it with `git lfs pull`', is: saysAt(0, 'version https://git-lfs') },
  { what: 'a web page, most likely of a download that failed', instead: 'fetch the file again', is: (head) => /^\s*<(!doctype|html)/i.test(head.toString('latin1')) },
  { what: 'packed with gzip', instead: 'unpack it', is: startsWith(0x1f, 0x8b) },
  { what: 'a ZIP archive', instead: 'unpack it', is: startsWith(0x50, 0x4b, 3, 4) },
]; // prettier-ignore

/** What a file or folder is that is no ONNX model, as a sentence, where it is one of the usual mistakes. */
export function mistakenFor(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    if (!existsSync(join(path, 'saved_model.pb'))) return undefined;
    return `It is a SavedModel of TensorFlow: ${TENSORFLOW} --saved-model.`;
  }
  const head = headOf(path);
  const kind = KINDS.find(({ is }) => is(head, path));
  return kind && `It is ${kind.what}: ${kind.instead}.`;
}

/** The usual mistakes in a folder that has no model in it: each path and what is wrong with it. */
export function mistakesIn(folder: string): { path: string; detail: string }[] {
  const named = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .slice(0, MOST);
  const paths = [
    folder,
    ...named.filter((one) => one.isFile() || one.isDirectory()).map(({ name }) => join(folder, name)),
  ];
  return paths.flatMap((path) => {
    const detail = mistakenFor(path);
    return detail === undefined ? [] : [{ path, detail }];
  });
}

/** Most entries of a folder that are looked at. */
const MOST = 1000;
const HEAD = 512;

function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD);
    return head.subarray(0, readSync(file, head, 0, HEAD, 0));
  } finally {
    closeSync(file);
  }
}

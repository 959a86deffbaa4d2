import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ModelIdentity } from './messages.js';
import { ModelError } from './model-error.js';

/** Most models that are remembered; the one that was loaded longest ago goes first. */
const MOST = 10_000;
/** Bytes that are hashed at a time: a fraction of a millisecond. */
const CHUNK = 256 * 1024;
/** No ONNX file can be larger: protobuf messages end there. */
const LARGEST = 2 ** 31;

const DIGEST = z.string().regex(/^[0-9a-f]{64}$/);
const FILE = z.object({
  runtime: z.string(),
  models: z.array(
    z.tuple([DIGEST, z.object({ digest: DIGEST, weights: z.array(z.string()), examples: z.array(DIGEST) })]),
  ),
});

interface Known extends ModelIdentity {
  /** Of the examples that it answered without harm. */
  examples: string[];
}

/** Most examples of one model that are remembered. */
const MOST_EXAMPLES = 16;

/**
 * Which models were loaded and tried without harm, by the SHA-256 of their files, with this runtime on this kind of processor:
 * those need no prober when they come again. It is kept in a file beside the database; without it every model is tried anew.
 */
export class KnownModels {
  private readonly models = new Map<string, Known>();
  private readonly read: Promise<void>;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly runtime = runtimeHere(),
  ) {
    this.read = this.readFile();
  }

  /** Whether nothing is known yet. */
  async empty(): Promise<boolean> {
    await this.read;
    return this.models.size === 0;
  }

  /** What a model file and its weights were when it answered this example without harm. @param example any JSON value */
  async find(file: string, example: unknown): Promise<ModelIdentity | undefined> {
    await this.read;
    const known = this.models.get(file);
    return known?.examples.includes(digestOf(example)) === true ? known : undefined;
  }

  async add(file: string, { digest, weights }: ModelIdentity, example: unknown): Promise<void> {
    await this.read;
    const before = this.models.get(file);
    const same = before?.digest === digest ? before.examples : [];
    const examples = [...new Set([...same, digestOf(example)])].slice(-MOST_EXAMPLES);
    this.models.delete(file);
    this.models.set(file, { digest, weights, examples });
    const [oldest] = this.models.keys();
    if (oldest !== undefined && this.models.size > MOST) this.models.delete(oldest);
    this.writing = this.writing.catch(() => undefined).then(() => this.writeFile());
    await this.writing;
  }

  /** Has a model tried again when it comes again. */
  forget(file: string): void {
    this.models.delete(file);
  }

  /** What is not a file that was written here for this runtime counts as nothing. */
  private async readFile(): Promise<void> {
    const text = await readFile(this.path, 'utf8').catch(() => '');
    try {
      const { runtime, models } = FILE.parse(JSON.parse(text));
      if (runtime !== this.runtime) return;
      for (const [file, known] of models.slice(-MOST)) this.models.set(file, known);
    } catch {
      return; // then all are tried again
    }
  }

  private async writeFile(): Promise<void> {
    const text = JSON.stringify({ runtime: this.runtime, models: [...this.models] });
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(`${this.path}.new`, text);
    await rename(`${this.path}.new`, this.path);
  }
}

/** SHA-256 of a file, read in small steps. @throws ModelError for one that is too large to be a model */
export async function hashOfFile(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > LARGEST)
    throw new ModelError('The file is larger than 2 GiB, the most that an ONNX file can be.');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function digestOf(example: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(example ?? null))
    .digest('hex');
}

/** What a model that did no harm depends on, beside itself. */
function runtimeHere(): string {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8')) as {
    version: string;
  };
  return [version, process.version, process.platform, process.arch, cpus()[0]?.model ?? ''].join(' ');
}

/** A file that is not a model we can serve; the message is a reason a person understands. */
export class ModelError extends Error {
  readonly code = 'model';
}

const TOO_MUCH = /bad_alloc|allocate|out of memory/i;
const OPERATOR = '([A-Za-z0-9_.]+)';

/** What the runtime's complaints mean for the owner of a model; none of its own text is shown. */
const REASONS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    new RegExp(`No Op registered for ${OPERATOR} with domain_version of (\\d+)`),
    (m) => `it uses the operator ${m[1]} in version ${m[2]}, which the runtime does not know`,
  ],
  [
    new RegExp(`${OPERATOR}\\(-?\\d+\\) is not a registered function/op`),
    (m) => `it uses the operator ${m[1]}, which the runtime does not know`,
  ],
  [
    new RegExp(`implementation for ${OPERATOR}\\(`),
    (m) => `the runtime has no implementation of the operator ${m[1]} in this version and for these types`,
  ],
  [
    /opset (\d+) is under development|until opset (\d+)/i,
    (m) => `it needs a newer opset (${m[1] ?? m[2]}) than the runtime knows`,
  ],
  [
    /Unsupported model IR version: (\d+)/,
    (m) => `it has the file format version ${m[1]}, newer than the runtime knows`,
  ],
  [
    /locale/i,
    () =>
      'it works on text and needs the locale en_US.UTF-8, which this system lacks (on Debian: install `locales` and generate it)',
  ],
  [
    /Batchwise recurrent operations/i,
    () => 'it has a recurrent operator with the batch first (layout 1), which the runtime does not implement',
  ],
  [/acyclic|cycle/i, () => 'its graph has a cycle'],
  [/external data|Model_path must not be empty/i, () => 'its external data cannot be read'],
  [
    /input arg|not a graph input, initializer, or output|is not output of any previous nodes/i,
    () => 'a node uses a value that nothing makes: weights are missing, or nodes are out of order',
  ],
  [/type inference|Type Error|type parameter/i, () => 'the types of its nodes do not fit together'],
  [
    /shape inference|ShapeInferenceError|Incompatible dimensions/i,
    () => 'the shapes of its nodes do not fit together',
  ],
  [/Protobuf parsing failed|InvalidProtobuf|INVALID_PROTOBUF/i, () => 'the file is damaged'],
  [TOO_MUCH, () => 'it does not fit in memory'],
];

/** The reason to show for an error of the runtime while it loads a model. */
export function reasonOfRuntime(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  for (const [pattern, say] of REASONS) {
    const match = pattern.exec(text);
    if (match) return `The model cannot be loaded: ${say(match)}.`;
  }
  return 'The runtime refuses the model; the log of the server has its words.';
}

/** Whether an error of the runtime is that it did not get the memory it asked for. */
export function wantsTooMuch(error: unknown): boolean {
  return error instanceof Error && TOO_MUCH.test(error.message);
}

/** The reason to show for an error of our own code while it reads a model; undefined where the model is not to blame. */
export function reasonOfReading(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ERR_FS_FILE_TOO_LARGE')
    return 'The file is larger than 2 GiB, the most that an ONNX file can be.';
  if (!(error instanceof RangeError)) return undefined;
  if (/call stack/i.test(error.message)) return 'The graph is nested too deeply.';
  return /allocat|invalid (typed )?array length|maximum size|heap/i.test(error.message)
    ? 'The model cannot be loaded: it does not fit in memory.'
    : 'The file is damaged.';
}

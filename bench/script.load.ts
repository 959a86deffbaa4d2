/** The yardstick of bulk questions: one script that parses the rows, runs the model on all of them at once and writes the answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BulkLoad } from './measured.js';
import { ROOT } from './servers.js';

export interface ScriptJob {
  /** A JSON array of rows. */
  body: string;
  /** Names of the model's columns, in its order. */
  columns: string[];
}

const MODEL = join(ROOT, 'models/boston-housing/1/model.onnx');
const opened = InferenceSession.create(readFileSync(MODEL), { intraOpNumThreads: 1, interOpNumThreads: 1 });

async function run({ body, columns }: ScriptJob): Promise<BulkLoad> {
  const session = await opened;
  const begin = performance.now();
  const rows = JSON.parse(body) as Record<string, number>[];
  const data = Float64Array.from(rows.flatMap((row) => columns.map((name) => row[name] ?? NaN)));
  const feed = new Tensor('float64', data, [rows.length, columns.length]);
  const { [session.outputNames[0] ?? '']: output } = await session.run({
    [session.inputNames[0] ?? '']: feed,
  });
  const text = JSON.stringify({
    predictions: [...((output as Tensor).data as Float64Array)].map((one) => [one]),
  });
  return { rows: rows.length, seconds: (performance.now() - begin) / 1000, answer: text.length };
}

process.on('message', (job: ScriptJob) => {
  run(job).then(
    (load) => process.send?.(load),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

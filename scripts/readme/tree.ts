import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mustMatch } from './markdown.js';

/** What is directly in `src`, in the order in which one would read it. */
const ENTRIES: Readonly<Record<string, string>> = {
  'main.ts': 'what `npm start` runs',
  'start.ts': 'start and end of the main thread',
  'cli.ts': 'the command `oriel`',
  'cli/': 'a file for each of its commands',
  'app.module.ts': "the main thread's modules; they stop in the reverse of their order",
  'inference.worker.ts': 'an inference thread: a session of every model, one batch at a time',
  'journal.worker.ts': 'the journal thread: the data folder and the only writing connection',
  'prober.process.ts': 'a process in which a model file is loaded before the server trusts it',
  'reader.worker.ts': 'a reader thread: queries on a read-only connection',
  'openapi.ts': '/openapi.json and /docs, with the models as they are loaded now',
  'banner.ts': 'what is printed when the server is ready',
  'leaving.ts': 'how the main thread ends: signals, and errors that nobody caught',
  'goodbye.ts': 'what is logged when the server has left: whether everything is on disk',
  'errors.ts': 'the errors that modules throw, each with a stable code',
  'package-version.ts': 'the version of Oriel, from its package.json',
  'pattern.ts': 'patterns of names, with `*`',
  'histogram.ts': 'counts of values by size, cheap enough for each request',
  'units.ts': 'sizes and durations, read and written',
  'json-depth.ts': 'how deep a JSON text is nested, without parsing it',
  'config/': 'every setting: variable, default, check, meaning; the usable CPUs',
  'logging/': "Nest's log as JSON lines on stderr",
  'threads/': 'calls to worker threads, one message a batch',
  'batching/': 'collect while the last batch is under way; used for rows and for records',
  'database/': 'the SQLite file: options, migrations, lock of the folder, reading connections',
  'journal/': 'group commit: what has come meanwhile goes into one transaction',
  'http/': 'what every request passes: context, methods, Accept, body, problem details, gate',
  'access/': 'who may do what: keys, tokens, limits; the door that requests pass before their body is read',
  'audit/': 'the record: what it holds, how it is written and queried',
  'prediction/': 'models: graph reader, signature, catalog, loading, prediction',
  'windows/': 'streams of events: engine, storage, ingestion, queries, live readers, replay',
  'health/': "the probes, composed of each module's own check",
  'tracing/': 'traces for a collector, read only where they are on',
  'metrics/': "figures for Prometheus, of each domain's own counts",
};

/** A map of `src`. @throws Error when an entry is not described, or gone */
export function tree(root: string): string {
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => !entry.name.endsWith('.spec.ts') && !entry.name.startsWith('.'))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  mustMatch('entry of src', 'scripts/readme/tree.ts', Object.keys(ENTRIES), entries);
  const width = Math.max(...Object.keys(ENTRIES).map((name) => name.length)) + 2;
  const lines = Object.entries(ENTRIES).map(([name, what]) => `  ${name.padEnd(width)}${what}`);
  return ['```text', 'src/', ...lines, '```'].join('\n');
}

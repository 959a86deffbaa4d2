import { Option, type Command } from 'commander';
import { extname } from 'node:path';
import type { ExportJob, ExportQuery } from '../audit/export/export-job.js';
import { EXPORT_TYPES, type ExportFormat } from '../audit/export/forms.js';
import { parseBound, type Bound } from '../audit/record-range.js';
import { OrielError } from '../errors.js';
import { command, complaint } from './command.js';
import { Progress, share } from './progress.js';
import { recordFile } from './record-file.js';
import { fileSink, stdoutSink, type Sink } from './sink.js';

interface Options {
  data: string;
  format?: ExportFormat;
  from?: string;
  to?: string;
  filter?: string;
  out?: string;
}

const FORMATS = Object.keys(EXPORT_TYPES) as ExportFormat[];

/** `oriel export`: the record as a file, from a data folder or a copy, also while a server runs on it. Changes nothing. */
export function exportCommand(): Command {
  return command('export', 'Writes the record, or a part of it, as NDJSON, CSV or Parquet.', [
    'oriel export --data ./data --out record.parquet',
    "oriel export --data copy/oriel.db --from 2026-01-01T00:00:00Z --filter 'status >= 400' | head",
  ])
    .requiredOption('--data <folder>', 'a data folder, an oriel.db, or a copy of one')
    .addOption(
      new Option(
        '--format <format>',
        'form of the file; without it the ending of --out says, else ndjson',
      ).choices(FORMATS),
    )
    .option('--from <bound>', 'first record: its seq, or a time of arrival (RFC 3339 or epoch milliseconds)')
    .option('--to <bound>', 'the record to stop before, in the same way')
    .option('--filter <filter>', 'only records for which this holds, as in the query of the same name')
    .option('--out <file>', 'where to; without it the record is printed')
    .action(async (options: Options) => {
      const format = options.format ?? formatOf(options.out);
      if (format === 'parquet' && options.out === undefined && process.stdout.isTTY)
        throw complaint('not-readable', 'Parquet is not for the eye: give a file with --out, or pipe it.');
      const query: ExportQuery = {
        format,
        filter: options.filter === undefined ? {} : { filter: options.filter },
        ...boundOf('from', options.from),
        ...boundOf('to', options.to),
      };
      await exported(recordFile(options.data), query, options.out);
    });
}

function formatOf(out: string | undefined): ExportFormat {
  const ending = out === undefined ? '' : extname(out).slice(1);
  return FORMATS.find((format) => format === ending) ?? 'ndjson';
}

function boundOf(name: 'from' | 'to', text: string | undefined): Partial<Record<typeof name, Bound>> {
  if (text === undefined) return {};
  const bound = parseBound(text);
  if (bound) return { [name]: bound };
  const must = 'it must be the seq of a record, a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';
  throw complaint('invalid-option', `--${name} is "${text}": ${must}.`);
}

async function exported(file: string, query: ExportQuery, out: string | undefined): Promise<void> {
  const [{ openFile }, { AUDIT_ENTITIES }, jobs] = await Promise.all([
    import('../database/open.js'),
    import('../audit/audit.entity.js'),
    import('../audit/export/export-job.js'),
  ]);
  const source = await openFile(file, AUDIT_ENTITIES);
  try {
    const job = namingOptions(() => new jobs.ExportJob(source, query));
    const sink = out === undefined ? stdoutSink() : await fileSink(out);
    await copied(job, sink);
  } finally {
    await source.destroy();
  }
}

/** A fault of the filter is told by the name of its option. */
function namingOptions(make: () => ExportJob): ExportJob {
  try {
    return make();
  } catch (error) {
    const [fault] = error instanceof OrielError ? error.faults : [];
    throw fault
      ? complaint('invalid-option', `--${fault.pointer.slice(1)} is wrong: ${fault.detail}.`)
      : error;
  }
}

async function copied(job: ExportJob, sink: Sink): Promise<void> {
  const progress = new Progress((done, total) => `${share(done, total, 'records')} looked at`);
  try {
    for (let bytes = job.next(); bytes; bytes = job.next()) {
      if (bytes.length > 0) await sink.write(bytes);
      progress.at(job.progress.done, job.progress.total);
    }
    progress.end();
    await sink.end();
  } catch (error) {
    progress.end();
    await sink.drop();
    throw error;
  }
}

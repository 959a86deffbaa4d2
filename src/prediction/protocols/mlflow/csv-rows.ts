import { OrielError, pointerToken } from '../../../errors.js';
import type { Feature } from '../../features.js';
import { isFloat, valueOfText } from '../../values.js';
import { emptyRow } from '../json.js';
import type { Layout } from '../layout.js';
import type { RowCollector } from '../row-collector.js';
import { parseCsv, type CsvField } from './csv.js';

/** How pandas writes what JSON has strings for. */
const SPECIAL: Readonly<Record<string, string>> = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' };

/**
 * Reads a CSV whose first line names the features. Places are told as if it were an array of objects: `/3/RM` is the value of RM
 * in the fourth row after the header. An empty field is missing: the feature's default, else null.
 * @throws OrielError `malformed-csv`, `empty-body`
 */
export function addCsv(text: string, layout: Layout, rows: RowCollector): void {
  const [header, ...records] = parseCsv(text);
  if (!header) {
    throw new OrielError(
      'malformed',
      'empty-body',
      'The body is empty; it must begin with the names of the features.',
    );
  }
  const columns = readHeader(header, layout, rows);
  for (const [index, record] of records.entries()) {
    if (rows.full) return;
    const pointer = `/${index}`;
    if (record.length !== header.length) {
      rows.report(pointer, `has ${record.length} fields, the header has ${header.length}`);
      continue;
    }
    const row = emptyRow();
    columns.forEach((feature, column) => {
      if (feature) row[feature.name] = valueOf(record[column] ?? null, feature);
    });
    rows.add(row, (feature, rest) => pointer + pointerToken(feature) + rest);
  }
}

/** The feature of each column; undefined for those that are reported. */
function readHeader(
  header: readonly CsvField[],
  layout: Layout,
  rows: RowCollector,
): (Feature | undefined)[] {
  const seen = new Set<string>();
  const columns = header.map((field) => {
    const name = field ?? '';
    const feature = layout.byName.get(name);
    if (!feature) rows.report(pointerToken(name), 'is not a feature of this model');
    else if (seen.has(name)) rows.report(pointerToken(name), 'is named twice in the header');
    seen.add(name);
    return feature;
  });
  for (const { name, config } of layout.features) {
    if (seen.has(name) || config.default !== undefined) continue;
    rows.report(pointerToken(name), 'is missing from the header');
    rows.mute(name);
  }
  return columns;
}

function valueOf(field: CsvField, { type, config, shape }: Feature): unknown {
  if (field === null) return config.default === undefined ? null : undefined;
  if (shape.length > 0) return nestedOf(field);
  if (type === 'string') return field;
  const text = field.trim();
  if (type === 'bool') return valueOfText(type, text.toLowerCase());
  return valueOfText(type, isFloat(type) ? (SPECIAL[text.toLowerCase()] ?? text) : text);
}

/** A value of several elements is written as JSON; what is none stays a text, which the feature refuses. */
function nestedOf(field: string): unknown {
  try {
    return JSON.parse(field) as unknown;
  } catch {
    return field;
  }
}

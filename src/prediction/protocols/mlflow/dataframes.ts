import { pointerToken } from '../../../errors.js';
import { emptyRow, isObject } from '../json.js';
import type { Layout } from '../layout.js';
import type { RowCollector } from '../row-collector.js';
import { addInstance, featureValue } from '../tfs/instances.js';

const SPLIT_MEMBERS = new Set(['columns', 'data', 'index']);

/** Reads `dataframe_records`: a list of objects, one a row. */
export function addRecords(records: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  if (!Array.isArray(records)) return rows.report(pointer, 'must be an array of objects');
  for (const [index, record] of records.entries()) {
    if (rows.full) return;
    const place = `${pointer}/${index}`;
    if (isObject(record)) addInstance(record, place, layout, rows);
    else rows.report(place, 'must be an object that names the features');
  }
}

/** Reads `dataframe_split`: the names of the columns once, then the values row by row. The index says nothing to a model. */
export function addSplit(split: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  if (!isObject(split)) return rows.report(pointer, 'must be an object with columns and data');
  for (const name of Object.keys(split)) {
    if (!SPLIT_MEMBERS.has(name)) rows.report(pointer + pointerToken(name), 'is not a known member');
  }
  const { columns, data, index } = split;
  if (!Array.isArray(columns)) rows.report(`${pointer}/columns`, 'must be an array of names');
  if (!Array.isArray(data)) rows.report(`${pointer}/data`, 'must be an array of rows');
  if (!Array.isArray(columns) || !Array.isArray(data)) return;
  if (index !== undefined && index !== null && !(Array.isArray(index) && index.length === data.length)) {
    rows.report(`${pointer}/index`, `must be an array of ${data.length}`);
  }
  const positions = readColumns(columns, `${pointer}/columns`, layout, rows);
  for (const [row, values] of data.entries()) {
    if (rows.full) return;
    const place = `${pointer}/data/${row}`;
    if (Array.isArray(values) && values.length === columns.length)
      addRow(values, positions, place, layout, rows);
    else rows.report(place, `must be an array of ${columns.length}`);
  }
}

/** Where each feature stands in a row. */
function readColumns(
  columns: readonly unknown[],
  pointer: string,
  layout: Layout,
  rows: RowCollector,
): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  columns.forEach((name, column) => {
    const place = `${pointer}/${column}`;
    if (typeof name !== 'string') rows.report(place, 'must be the name of a feature');
    else if (!layout.byName.has(name)) rows.report(place, 'is not a feature of this model');
    else if (positions.has(name)) rows.report(place, 'is named twice');
    else positions.set(name, column);
  });
  for (const { name, config } of layout.features) {
    if (positions.has(name) || config.default !== undefined) continue;
    rows.report(pointer, `must name ${name}`);
    rows.mute(name);
  }
  return positions;
}

function addRow(
  values: readonly unknown[],
  positions: ReadonlyMap<string, number>,
  pointer: string,
  layout: Layout,
  rows: RowCollector,
): void {
  const row = emptyRow();
  const brackets = new Map<string, string>();
  for (const [name, column] of positions) {
    const feature = layout.byName.get(name);
    if (!feature) continue;
    const taken = featureValue(values[column], feature, `${pointer}/${column}`, layout, rows);
    row[name] = taken.value;
    if (taken.brackets) brackets.set(name, taken.brackets);
  }
  rows.add(row, (feature, rest) => {
    const column = positions.get(feature);
    return column === undefined
      ? pointer + pointerToken(feature) + rest
      : `${pointer}/${column}${brackets.get(feature) ?? ''}${rest}`;
  });
}

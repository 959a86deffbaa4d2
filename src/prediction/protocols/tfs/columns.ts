import { pointerToken } from '../../../errors.js';
import { rowShape, type TensorSpec } from '../../signature.js';
import { emptyRow, isObject, type JsonObject } from '../json.js';
import type { Layout } from '../layout.js';
import type { RowCollector } from '../row-collector.js';
import { decodeBase64 } from './base64.js';
import {
  addInstance,
  addTableRow,
  featureValue,
  isBareBase64,
  namesTable,
  refuseBeside,
} from './instances.js';

/** A feature's values, row by row, and where they are in the body. */
interface Column {
  name: string;
  values: readonly unknown[];
  pointer: string;
}

/**
 * Reads the column form: each input's whole tensor by name (or each feature's column), or the bare tensor of the only input. A
 * model without a dimension for rows takes its tensors as they are.
 */
export function addColumns(inputs: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  if (layout.whole) return addInstance(inputs, pointer, layout, rows);
  if (!isObject(inputs) || isBareBase64(inputs, layout)) return addTensor(inputs, pointer, layout, rows);
  if (namesTable(inputs, layout) && !isColumn(inputs, layout)) {
    const table = layout.table as TensorSpec;
    refuseBeside(inputs, table, pointer, rows);
    return addTensor(inputs[table.name], pointer + pointerToken(table.name), layout, rows);
  }
  addRowsOf(namedColumns(inputs, pointer, layout, rows), layout, rows);
}

/** Whether the name that a table shares with one of its features is given that feature's column: values, not rows. */
function isColumn(inputs: JsonObject, { table, byName }: Layout): boolean {
  if (!table || !byName.has(table.name)) return false;
  const given = inputs[table.name];
  return Array.isArray(given) && !Array.isArray(given[0]);
}

function addTensor(value: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  const [only, ...more] = layout.inputs;
  if (!only || more.length > 0) return rows.report(pointer, 'must be an object that names the inputs');
  const sizes = [null, ...rowShape(only, 'rows')];
  const tensor = decodeBase64(value, only.type, sizes, pointer, rows);
  if (!Array.isArray(tensor)) return rows.report(pointer, 'must be an array of rows');
  if (!layout.table) {
    const name = (layout.features[0] as { name: string }).name;
    return addRowsOf([{ name, values: tensor, pointer }], layout, rows);
  }
  for (const [index, row] of (tensor as unknown[]).entries()) {
    if (rows.full) return;
    addTableRow(row, `${pointer}/${index}`, layout, rows);
  }
}

function namedColumns(inputs: JsonObject, pointer: string, layout: Layout, rows: RowCollector): Column[] {
  const columns: Column[] = [];
  for (const [name, given] of Object.entries(inputs)) {
    const place = pointer + pointerToken(name);
    const feature = layout.byName.get(name);
    if (!feature) {
      rows.report(place, 'is not an input of this model');
      continue;
    }
    const sizes = [null, ...rowShape(layout.inputs[feature.input] as TensorSpec, 'rows')];
    const values = decodeBase64(given, feature.type, layout.table ? [null] : sizes, place, rows);
    const first = columns[0];
    if (Array.isArray(values) && (!first || values.length === first.values.length)) {
      columns.push({ name, values, pointer: place });
      continue;
    }
    rows.mute(name);
    if (!Array.isArray(values)) rows.report(place, 'must be an array with a value for each row');
    else rows.report(place, `has ${values.length} rows, ${first?.name} has ${first?.values.length}`);
  }
  for (const { name, config } of layout.features) {
    if (Object.hasOwn(inputs, name) || (config.default !== undefined && columns.length > 0)) continue;
    rows.report(pointer + pointerToken(name), 'is missing');
    rows.mute(name);
  }
  return columns;
}

function addRowsOf(columns: readonly Column[], layout: Layout, rows: RowCollector): void {
  const count = columns[0]?.values.length ?? 0;
  for (let index = 0; index < count && !rows.full; index++) {
    const row = emptyRow();
    const places = new Map<string, string>();
    for (const { name, values, pointer } of columns) {
      const feature = layout.byName.get(name);
      if (!feature) continue;
      const taken = featureValue(values[index], feature, `${pointer}/${index}`, layout, rows);
      row[name] = taken.value;
      places.set(name, `${pointer}/${index}${taken.brackets}`);
    }
    rows.add(row, (feature, rest) => (places.get(feature) ?? pointerToken(feature)) + rest);
  }
}

import { pointerToken } from '../../../errors.js';
import { rowShape, type TensorSpec } from '../../signature.js';
import type { Feature } from '../../features.js';
import { emptyRow, isObject, type JsonObject } from '../json.js';
import type { Layout } from '../layout.js';
import type { RowCollector } from '../row-collector.js';
import { decodeBase64, isBase64 } from './base64.js';

/**
 * Reads the row form: each instance names features or inputs, or is the bare value of the only input.
 * @param pointer where the instances are in the body
 */
export function addInstances(instances: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  if (!Array.isArray(instances)) return rows.report(pointer, 'must be an array of rows');
  for (const [index, instance] of instances.entries()) {
    if (rows.full) return;
    addInstance(instance, `${pointer}/${index}`, layout, rows);
  }
}

/** Reads one instance. */
export function addInstance(instance: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  if (!isObject(instance) || isBareBase64(instance, layout)) addBare(instance, pointer, layout, rows);
  else if (namesTable(instance, layout)) addTable(instance, pointer, layout, rows);
  else addNamed(instance, pointer, layout, rows);
}

/** Whether an object is the `{"b64": "…"}` of the only input, not one that names a feature `b64`. */
export function isBareBase64(value: unknown, layout: Layout): boolean {
  return isBase64(value) && !layout.byName.has('b64') && !layout.inputs.some(({ name }) => name === 'b64');
}

/** Whether an object gives the table of features as a whole, by the name of its input, which a feature might also have. */
export function namesTable(value: JsonObject, { table, byName }: Layout): boolean {
  if (!table || !Object.hasOwn(value, table.name)) return false;
  const given = value[table.name];
  return !byName.has(table.name) || Array.isArray(given);
}

/** Reports what is given beside the whole table. */
export function refuseBeside(
  value: JsonObject,
  table: TensorSpec,
  pointer: string,
  rows: RowCollector,
): void {
  for (const name of Object.keys(value)) {
    if (name !== table.name)
      rows.report(pointer + pointerToken(name), `cannot be given beside the input ${table.name}`);
  }
}

/** A value of a feature without its base64 and, for an input `[N, 1]`, without the brackets. */
export function featureValue(
  value: unknown,
  feature: Feature,
  pointer: string,
  layout: Layout,
  rows: RowCollector,
): { value: unknown; brackets: string } {
  const decoded = layout.encodable ? decodeBase64(value, feature.type, feature.shape, pointer, rows) : value;
  if (layout.wrapped.has(feature.name) && Array.isArray(decoded) && decoded.length === 1) {
    return { value: (decoded as unknown[])[0], brackets: '/0' };
  }
  return { value: decoded, brackets: '' };
}

/** Adds a row of the table, its values in the order of the columns. */
export function addTableRow(values: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  const { features } = layout;
  if (!Array.isArray(values)) {
    const [only, ...more] = features;
    if (!only || more.length > 0) return rows.report(pointer, `must be an array of ${features.length}`);
    const row = emptyRow();
    row[only.name] = values;
    return rows.add(row, (_feature, rest) => pointer + rest);
  }
  if (values.length !== features.length) {
    return rows.report(pointer, `must be an array of ${features.length}`);
  }
  const row = emptyRow();
  features.forEach(({ name }, column) => (row[name] = (values as unknown[])[column]));
  rows.add(row, (feature, rest) => `${pointer}/${features.findIndex(({ name }) => name === feature)}${rest}`);
}

function addBare(value: unknown, pointer: string, layout: Layout, rows: RowCollector): void {
  const [only, ...more] = layout.features;
  if (layout.table) {
    const { type } = layout.table;
    const sizes = rowShape(layout.table, 'rows').map((size) => size ?? layout.features.length);
    return addTableRow(decodeBase64(value, type, sizes, pointer, rows), pointer, layout, rows);
  }
  if (!only || more.length > 0) return rows.report(pointer, 'must be an object that names the inputs');
  const taken = featureValue(value, only, pointer, layout, rows);
  const row = emptyRow();
  row[only.name] = taken.value;
  rows.add(row, (_feature, rest) => pointer + taken.brackets + rest);
}

function addTable(instance: JsonObject, pointer: string, layout: Layout, rows: RowCollector): void {
  const table = layout.table as TensorSpec;
  refuseBeside(instance, table, pointer, rows);
  addBare(instance[table.name], pointer + pointerToken(table.name), layout, rows);
}

function addNamed(instance: JsonObject, pointer: string, layout: Layout, rows: RowCollector): void {
  if (!layout.encodable && layout.wrapped.size === 0) {
    return rows.add(instance, (feature, rest) => pointer + pointerToken(feature) + rest);
  }
  const row = emptyRow();
  const brackets = new Map<string, string>();
  for (const [name, given] of Object.entries(instance)) {
    const feature = layout.byName.get(name);
    if (!feature) {
      row[name] = given;
      continue;
    }
    const taken = featureValue(given, feature, pointer + pointerToken(name), layout, rows);
    row[name] = taken.value;
    brackets.set(name, taken.brackets);
  }
  rows.add(row, (feature, rest) => pointer + pointerToken(feature) + (brackets.get(feature) ?? '') + rest);
}

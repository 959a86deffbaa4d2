import { pointerToken } from '../../../errors.js';
import { CsvColumns } from '../../csv/columns.js';
import { emptyCsv, parseCsv } from '../../csv/csv.js';
import type { Layout } from '../layout.js';
import type { RowCollector } from '../row-collector.js';

/**
 * Reads a CSV whose first line names the features. Places are told as if it were an array of objects: `/3/RM` is the value of RM
 * in the fourth row after the header.
 * @throws OrielError `malformed-csv`, `empty-body`
 */
export function addCsv(text: string, layout: Layout, rows: RowCollector): void {
  const [header, ...records] = parseCsv(text);
  if (!header) throw emptyCsv();
  const columns = new CsvColumns(header, layout.features);
  for (const { pointer, detail } of columns.faults) rows.report(pointer, detail);
  for (const name of columns.missing) rows.mute(name);
  for (const [index, record] of records.entries()) {
    if (rows.full) return;
    const pointer = `/${index}`;
    const row = columns.row(record);
    if (typeof row === 'string') rows.report(pointer, row);
    else rows.add(row, (feature, rest) => pointer + pointerToken(feature) + rest);
  }
}

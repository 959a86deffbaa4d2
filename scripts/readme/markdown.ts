/** A markdown table; `|` in a cell is escaped. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align = '---',
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : align));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

/** Holds a table kept by hand against the code. @throws Error with a sentence that names what differs */
export function mustMatch(
  what: string,
  file: string,
  described: Iterable<string>,
  actual: Iterable<string>,
): void {
  const [known, real] = [new Set(described), new Set(actual)];
  const missing = [...real].filter((name) => !known.has(name));
  const gone = [...known].filter((name) => !real.has(name));
  if (missing.length > 0) throw new Error(`${file} does not describe the ${what} ${missing.join(', ')}.`);
  if (gone.length > 0)
    throw new Error(`${file} describes the ${what} ${gone.join(', ')}, which is not there.`);
}

/**
 * The inputs of a model's records are JSON objects with the same names in the same order. Here they are taken apart into the names,
 * which are kept once, and the values, which are kept as a line of CSV would be: `6.575,"Boston",null`. What does not come apart so
 * (several rows, a value with a comma in it, other names) is kept as it is.
 */
export class InputColumns {
  /** What stands before each value, and after the last. */
  readonly marks: readonly string[];

  constructor(readonly names: readonly string[]) {
    this.marks = [...names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`), '}'];
  }

  /** The names in a JSON object; null for anything else, and for an object without any. */
  static of(text: string): InputColumns | null {
    if (!text.startsWith('{"')) return null;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return null;
    }
    const columns = new InputColumns(Object.keys(value as object));
    return columns.split(text) === null ? null : columns;
  }

  /** The values of an object as one line; null where `join` would not give the same text back. */
  split(text: string): string | null {
    const { marks } = this;
    if (!text.startsWith(marks[0] as string)) return null;
    let from = (marks[0] as string).length;
    let line = '';
    for (let i = 1; i < marks.length; i++) {
      // A name in quotes cannot occur within a JSON string, where quotes are escaped, and no value may have a comma.
      const to = i === marks.length - 1 ? text.length - 1 : text.indexOf(marks[i] as string, from);
      if (to < from) return null;
      const value = text.slice(from, to);
      if (value === '' || value.includes(',')) return null;
      line += i === 1 ? value : `,${value}`;
      from = to + (marks[i] as string).length;
    }
    return text.endsWith('}') ? line : null;
  }

  join(line: string): string {
    const values = line.split(',');
    let text = '';
    for (let i = 0; i < values.length; i++) text += (this.marks[i] ?? '') + (values[i] as string);
    return `${text}}`;
  }
}

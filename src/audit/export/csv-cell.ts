/** What a spreadsheet takes for the beginning of a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r\n]/;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const SPECIAL = /^$|^[=+\-@\t]|[",\r\n]/;

/** A cell of RFC 4180: nothing for null, `""` for an empty text; a text that a spreadsheet would run is led by an apostrophe. */
export function csvCell(text: string | null): string {
  if (text === null) return '';
  if (!SPECIAL.test(text)) return text;
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe === '' ? `"${safe.replaceAll('"', '""')}"` : safe;
}

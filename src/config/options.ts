import type { Definition } from './setting.js';

/** Settings that a command line gave, by their variables: what the option is called there, and its text. */
export type GivenOptions = ReadonlyMap<string, { name: string; value: string }>;

/** The option of a command line that sets what a variable sets: `--body-limit` for `ORIEL_BODY_LIMIT`. */
export function optionName({ variable }: Pick<Definition<unknown>, 'variable'>): string {
  return `--${variable
    .replace(/^ORIEL_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}

/** A text that speaks of variables, with the names by which they were given in their place. */
export function namedAsGiven(text: string, options: GivenOptions): string {
  return text.replaceAll(/ORIEL_[A-Z0-9_]+/g, (variable) => options.get(variable)?.name ?? variable);
}

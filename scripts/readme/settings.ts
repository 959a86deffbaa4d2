import { SETTINGS_SCHEMA } from '../../src/config/schema.js';
import { table } from './markdown.js';

/** Every setting: its variable, default and meaning. */
export function settings(): string {
  return table(
    ['variable', 'default', 'meaning'],
    Object.values(SETTINGS_SCHEMA).map(({ variable, default: fallback, shownDefault, meaning }) => [
      `\`${variable}\``,
      shownDefault ?? `\`${fallback}\``,
      meaning,
    ]),
  );
}

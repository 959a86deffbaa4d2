import type { z } from 'zod';
import { isLoopback } from './addresses.js';
import type { GivenOptions } from './options.js';
import { SETTINGS_SCHEMA } from './schema.js';

export type Settings = {
  readonly [K in keyof typeof SETTINGS_SCHEMA]: z.output<(typeof SETTINGS_SCHEMA)[K]['schema']>;
};

/** The dependency injection token of `Settings`. */
export const SETTINGS = Symbol('Settings');

/** A setting, or a combination of them, that the process cannot start with. */
export class SettingsError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings, from the environment of this process or the one given; an empty variable counts as absent.
 * @param options settings of a command line, which go before those of the environment
 * @throws SettingsError with one sentence for each variable that has a wrong value
 */
export function readSettings(
  environment: Environment = process.env,
  options: GivenOptions = new Map(),
): Settings {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [key, definition] of Object.entries(SETTINGS_SCHEMA)) {
    const { variable, commonVariable = '' } = definition;
    const given =
      options.get(variable)?.value ??
      (environment[variable] || environment[commonVariable] || definition.default);
    const result = definition.schema.safeParse(given);
    if (result.success) settings[key] = result.data;
    else problems.push(`${variable} is ${shown(variable, given)}: it ${result.error.issues[0]?.message}.`);
  }
  if (problems.length > 0) throw new SettingsError(problems.join('\n'));
  const checked = settings as unknown as Settings;
  if (!checked.allowAnonymous && !isLoopback(checked.host)) {
    throw new SettingsError(
      `ORIEL_HOST is "${checked.host}", which others can reach, and no credentials are configured. ` +
        'Listen on 127.0.0.1 behind a proxy that checks them, or set ORIEL_ALLOW_ANONYMOUS=true.',
    );
  }
  return checked;
}

/** A value as an operator may read it in a log: a URL may hold a password. */
function shown(variable: string, value: string): string {
  return /_(URL|ENDPOINT)$/.test(variable) ? 'wrong' : `"${value}"`;
}

/** Variables that look like settings of Oriel but are none: most likely a misspelling. */
export function unknownVariables(environment: Environment = process.env): string[] {
  const known = new Set<string>(Object.values(SETTINGS_SCHEMA).map((definition) => definition.variable));
  return Object.keys(environment).filter((name) => name.startsWith('ORIEL_') && !known.has(name));
}

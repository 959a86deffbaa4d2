import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { isLoopback } from './addresses.js';
import type { GivenOptions } from './options.js';
import { SETTINGS_SCHEMA } from './schema.js';
import type { Definition } from './setting.js';

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
      (valueIn(environment, variable) || environment[commonVariable] || definition.default);
    const result = definition.schema.safeParse(given);
    if (result.success) settings[key] = result.data;
    else problems.push(`${variable} is ${shown(definition, given)}: it ${result.error.issues[0]?.message}.`);
  }
  if (problems.length > 0) throw new SettingsError(problems.join('\n'));
  const checked = settings as unknown as Settings;
  if (checked.jwtKeys !== '' && (checked.jwtIssuer === '' || checked.jwtAudience === ''))
    throw new SettingsError(
      'ORIEL_JWT_KEYS is set, so ORIEL_JWT_ISSUER and ORIEL_JWT_AUDIENCE must be: a token that was made for others is none for here.',
    );
  return checked;
}

/** The data folder, for what needs no other setting. @throws the error of the setting when it is wrong */
export function dataDirOf(environment: Environment = process.env): string {
  const { variable, default: fallback, schema } = SETTINGS_SCHEMA.dataDir;
  return schema.parse(environment[variable] || fallback);
}

/** What a variable says, or else the file that the variable of the same name with `_FILE` names: so secrets need not be in an environment. */
function valueIn(environment: Environment, variable: string): string | undefined {
  const file = environment[`${variable}_FILE`];
  if (environment[variable] || !file) return environment[variable];
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    const { code = 'for an unknown reason' } = error as NodeJS.ErrnoException;
    throw new SettingsError(`${variable}_FILE is "${file}", which cannot be read (${code}).`);
  }
}

/**
 * @param guarded whether requests need credentials, which only the data folder tells in the end
 * @throws SettingsError when others could reach a server that asks nobody who they are, and nobody said that they may
 */
export function refuseExposure({ allowAnonymous, host }: Settings, guarded: boolean): void {
  if (guarded || allowAnonymous || isLoopback(host)) return;
  throw new SettingsError(
    `ORIEL_HOST is "${host}", which others can reach, and no credentials are configured. ` +
      'Make a key (oriel keys create, or ORIEL_ADMIN_KEY), listen on 127.0.0.1 behind a proxy that checks them, or set ORIEL_ALLOW_ANONYMOUS=true.',
  );
}

/** A value as an operator may read it in a log: a URL may hold a password, and some are nothing else. */
function shown({ variable, secret }: Definition<unknown>, value: string): string {
  return secret || /_(URL|ENDPOINT)$/.test(variable) ? 'wrong' : `"${value}"`;
}

/**
 * The data folder that a command works on.
 * @param given on the command line, which goes before the environment
 */
export function readFolderSettings(given?: string): Pick<Settings, 'dataDir' | 'maxKeys'> {
  return readSettings(given === undefined ? process.env : { ...process.env, ORIEL_DATA: given });
}

/** Variables that look like settings of Oriel but are none: most likely a misspelling. */
export function unknownVariables(environment: Environment = process.env): string[] {
  const known = new Set<string>(Object.values(SETTINGS_SCHEMA).map((definition) => definition.variable));
  return Object.keys(environment).filter(
    (name) => name.startsWith('ORIEL_') && !known.has(name.replace(/_FILE$/, '')),
  );
}

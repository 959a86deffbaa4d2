import { Argument, Option, type Command } from 'commander';
import { optionName, type GivenOptions } from '../config/options.js';
import { SETTINGS_SCHEMA } from '../config/schema.js';
import type { Definition } from '../config/setting.js';
import { command } from './command.js';

/** What is secret is no option: others on this machine can read the command line. */
const DEFINITIONS: readonly Definition<unknown>[] = Object.values<Definition<unknown>>(
  SETTINGS_SCHEMA,
).filter(({ secret }) => !secret);
const MODELS = SETTINGS_SCHEMA.modelsDir;

/** `oriel serve`: the same start as `npm start`, with an option for every setting. */
export function serveCommand(): Command {
  const serve = command('serve', 'Serves models until a signal ends it.', [
    'oriel serve ./models',
    'oriel serve house-prices.onnx --port 8080 --data /var/lib/oriel',
  ]);
  serve.addArgument(new Argument('[MODELS]', `${MODELS.meaning} Or one .onnx file. (${origin(MODELS)})`));
  for (const definition of DEFINITIONS) addOption(serve, definition);
  serve.addHelpText(
    'after',
    '\nAn option goes before its environment variable, and that before the default.',
  );
  return serve.action(async (models: string | undefined) => {
    const options = given(serve, models);
    const server = await import('../start.js');
    await server.serve(options);
  });
}

function origin({ variable, default: fallback, shownDefault }: Definition<unknown>): string {
  const shown = shownDefault ?? fallback;
  return shown === '' ? variable : `${variable}, default ${shown}`;
}

function addOption(serve: Command, definition: Definition<unknown>): void {
  const name = optionName(definition);
  const help = `${definition.meaning} (${origin(definition)})`;
  if (!isFlag(definition)) {
    serve.addOption(new Option(`${name} <value>`, help));
    return;
  }
  serve.addOption(new Option(name, help));
  serve.addOption(new Option(name.replace('--', '--no-'), `not ${name}`).hideHelp());
}

function isFlag({ default: fallback }: Definition<unknown>): boolean {
  return fallback === 'true' || fallback === 'false';
}

/** What the command line says, by the variables that say the same. */
function given(serve: Command, models: string | undefined): GivenOptions {
  const options = new Map<string, { name: string; value: string }>();
  for (const definition of DEFINITIONS) {
    const name = optionName(definition);
    const value = serve.getOptionValue(new Option(name).attributeName()) as string | boolean | undefined;
    if (value !== undefined) options.set(definition.variable, { name, value: String(value) });
  }
  if (models !== undefined) options.set(MODELS.variable, { name: 'MODELS', value: models });
  return options;
}

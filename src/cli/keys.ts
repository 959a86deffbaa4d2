import type { Command } from 'commander';
import { withKeys } from '../access/key-folder.js';
import { readKeyBody } from '../access/key-body.js';
import { shownKey, type StoredKey } from '../access/key.js';
import { readFolderSettings } from '../config/settings.js';
import { ROLES } from '../http/areas.js';
import { parseDuration } from '../units.js';
import { command, EXIT } from './command.js';

interface FolderOptions {
  data?: string;
  json?: true;
}

interface CreateOptions extends FolderOptions {
  roles: string;
  models?: string;
  streams?: string;
  expires?: string;
}

/** `oriel keys`: keys of a data folder, made, listed and revoked without a server or beside one, which notices within a second. */
export function keysCommand(): Command {
  const keys = command('keys', 'Makes, lists and revokes the keys by which callers say who they are.', [
    'oriel keys create app --roles predict --models "boston-*" --expires 90d',
    'oriel keys list',
  ]);
  for (const one of [createCommand(), listCommand(), revokeCommand()]) keys.addCommand(one);
  return keys;
}

function onFolder(one: Command): Command {
  return one
    .option('--data <folder>', 'the data folder (ORIEL_DATA, default ./data)')
    .option('--json', 'print JSON');
}

function createCommand(): Command {
  const create = command(
    'create',
    'Makes a key and prints it, this once. The first one has all requests need a key.',
    ['oriel keys create app --roles predict,read'],
  )
    .argument('<NAME>', 'what the record calls its owner')
    .requiredOption('--roles <list>', `some of ${ROLES.join(', ')}`)
    .option('--models <list>', 'patterns of the models that it is for, such as "boston-*"')
    .option('--streams <list>', 'patterns of the streams that it is for')
    .option('--expires <when>', 'a time such as 2027-01-31T12:00:00Z, or how long it holds, such as 90d');
  return onFolder(create).action(async (name: string, options: CreateOptions) => {
    const now = Date.now();
    const asked = readKeyBody(bodyOf(name, options, now), now);
    const { key, text } = await onKeys(options, (keys) => keys.make(asked, now));
    if (options.json) return print({ ...shownKey(key), key: text });
    process.stdout.write(`${text}\n`);
    process.stderr.write(`This is the key of ${name} (${key.id}). It is not shown again.\n`);
  });
}

function bodyOf(name: string, { roles, models, streams, expires }: CreateOptions, now: number): object {
  return {
    name,
    roles: list(roles),
    ...(models === undefined ? {} : { models: list(models) }),
    ...(streams === undefined ? {} : { streams: list(streams) }),
    ...(expires === undefined ? {} : { expires: endOf(expires, now) }),
  };
}

/** A duration counts from now on; what is none is read as a time. */
function endOf(text: string, now: number): string | number {
  const lasts = /[a-z]$/.test(text) ? parseDuration(text) : undefined;
  return lasts === undefined ? text : now + lasts;
}

function list(text: string): string[] {
  return text.split(',').map((one) => one.trim());
}

function listCommand(): Command {
  return onFolder(command('list', 'Lists the keys; the keys themselves are kept nowhere.', [])).action(
    async (options: FolderOptions) => {
      const keys = await onKeys(options, (folder) => folder.list());
      if (options.json) return print(keys.map(shownKey));
      process.stdout.write(keys.length === 0 ? 'There is no key.\n' : table(keys));
    },
  );
}

function revokeCommand(): Command {
  return onFolder(command('revoke', 'Revokes a key, by its id.', []))
    .argument('<ID>', 'as `oriel keys list` shows it')
    .action(async (id: string, options: FolderOptions) => {
      await onKeys(options, (keys) => keys.revoke(id.toLowerCase(), Date.now()));
      process.exitCode = EXIT.well;
    });
}

function onKeys<T>({ data }: FolderOptions, work: Parameters<typeof withKeys<T>>[2]): Promise<T> {
  const { dataDir, maxKeys } = readFolderSettings(data);
  return withKeys(dataDir, maxKeys, work);
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function table(keys: readonly StoredKey[]): string {
  const day = (ms: number | null): string => (ms === null ? 'never' : new Date(ms).toISOString());
  const rows = keys.map(({ id, name, roles, models, streams, expires, lastUsed }) => [
    id,
    name,
    roles.join(','),
    models?.join(',') ?? '*',
    streams?.join(',') ?? '*',
    day(expires),
    day(lastUsed),
  ]);
  const all = [['ID', 'NAME', 'ROLES', 'MODELS', 'STREAMS', 'EXPIRES', 'LAST USED'], ...rows];
  const widths = all[0]?.map((_head, at) => Math.max(...all.map((row) => row[at]?.length ?? 0))) ?? [];
  return all
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

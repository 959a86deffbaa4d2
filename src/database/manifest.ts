import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataFolderError } from './data-folder.js';
import { MIGRATIONS } from './migrations/index.js';

/** What a backup says of itself, in the folder of the backup. */
export const MANIFEST = 'oriel-backup.json';

const SCHEMA = z.object({
  format: z.literal(1),
  /** The Oriel that made it. */
  oriel: z.string(),
  /** RFC 3339. */
  time: z.string(),
  /** The newest migration of the database. */
  migration: z.string(),
  /** Where its chain ends: the last `seq` on record, and the head (hexadecimal). */
  seq: z.number().int(),
  head: z.string(),
  /** By name, which is that of a file in the folder itself: bytes, and SHA-256 in hexadecimal. */
  files: z
    .record(
      z.string().regex(/^oriel\.[a-z0-9.-]+$/),
      z.object({ bytes: z.number().int(), sha256: z.string() }),
    )
    .refine((files) => 'oriel.db' in files),
});

export type Manifest = z.output<typeof SCHEMA>;

/** @throws DataFolderError where there is none, or one that this Oriel cannot read */
export function manifestOf(backup: string): Manifest {
  const path = join(backup, MANIFEST);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new DataFolderError(`${backup} is no backup: there is no ${MANIFEST} in it that can be read.`);
  }
  const { success, data } = SCHEMA.safeParse(parsed(text));
  if (!success) throw new DataFolderError(`${path} is not what \`oriel backup\` writes.`);
  if (!MIGRATIONS.some(({ name }) => name === data.migration))
    throw new DataFolderError(
      `${backup} was made by a newer Oriel (${data.oriel}). Restore it with that one.`,
    );
  return data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

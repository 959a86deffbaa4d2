import { statSync } from 'node:fs';
import { databaseFile } from '../database/data-folder.js';
import { complaint } from './command.js';

/** The record at a path: a data folder's, or a file such as a copy of one. @throws OrielError `no-record` */
export function recordFile(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? databaseFile(path) : path;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw complaint('no-record', `There is no record at ${file}.`);
  return file;
}

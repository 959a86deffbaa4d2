import { statSync } from 'node:fs';

/** The database file is no longer where it was; what is written to it would be gone with the process. */
export class FileGoneError extends Error {
  readonly code = 'SQLITE_IOERR_GONE';
}

/**
 * Remembers which file lies at a path.
 * @throws FileGoneError when there is none
 * @returns a check that throws FileGoneError once it is deleted, moved or replaced: SQLite itself would go on writing to it
 */
export function fileGuard(path: string): () => void {
  const { ino, dev } = identity(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== ino || now.dev !== dev)
      throw new FileGoneError(`${path} was deleted, moved or replaced`);
  };
}

function identity(path: string): { ino: number; dev: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new FileGoneError(`${path} is not there`);
  return found;
}

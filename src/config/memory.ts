import { totalmem } from 'node:os';

/** Bytes of memory that this process may use: what the machine has, or less where its cgroup says so. */
export function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

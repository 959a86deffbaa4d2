import { totalmem } from 'node:os';
import { usableCpus } from './cpus.js';

/** Bytes of memory that this process may use: what the machine has, or less where its cgroup says so. */
export function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Bytes that one model may take: every inference thread holds every model, and they must leave something to the rest. */
export function memoryForLoading(): number {
  return Math.floor(usableMemory() / 2 / Math.max(1, usableCpus() - 1));
}

import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Of the nice value of a thread that may wait: https://man7.org/linux/man-pages/man7/sched.7.html */
const BACKGROUND = 10;

/**
 * Lets every other thread of the process go before the calling one where they want the same processor. Linux only: there a thread has
 * a nice value of its own; elsewhere it would be that of the process, and nothing is done.
 */
export function goBehindOthers(): void {
  if (process.platform !== 'linux') return;
  try {
    const [, , thread] = readlinkSync('/proc/thread-self').split('/'); // "1234/task/1250"
    setPriority(Number(thread), BACKGROUND);
  } catch {
    // Without /proc, or where a sandbox forbids it, the thread is as important as the others.
  }
}

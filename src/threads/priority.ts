import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * The nice value of a thread that may wait (https://man7.org/linux/man-pages/man7/sched.7.html): `near` still gets a tenth of a processor
 * that others want whole, `far` next to nothing.
 */
const BEHIND = { near: 10, far: 19 } as const;

/**
 * Lets every other thread of the process go before the calling one where they want the same processor. Linux only: there a thread has
 * a nice value of its own; elsewhere it would be that of the process, and nothing is done.
 */
export function goBehindOthers(how: keyof typeof BEHIND): void {
  if (process.platform !== 'linux') return;
  try {
    const [, , thread] = readlinkSync('/proc/thread-self').split('/'); // "1234/task/1250"
    setPriority(Number(thread), BEHIND[how]);
  } catch {
    // Without /proc, or where a sandbox forbids it, the thread is as important as the others.
  }
}

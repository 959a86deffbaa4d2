import { ThreadError } from './thread.js';

/** Wait before the first and the longest wait before any other start of a thread in place of one that died. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;
/** For how long a death counts. */
const REMEMBERED_MS = 60_000;

/**
 * How long to wait before a thread is started in place of one that died, and when to give up. Only deaths count, not starts that fail:
 * a full disk or a missing file passes, and is tried again for as long as it takes.
 */
export class Restarts {
  private deaths: number[] = [];
  private notBefore = 0;

  /**
   * @param most deaths that are made good within a minute: what dies more often dies of what it does, and would do it for ever
   * @param clock milliseconds, monotonic
   */
  constructor(
    private readonly most: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** A thread died. @returns the milliseconds to wait before the next is started; null when it must not be */
  died(): number | null {
    this.deaths = [...this.recent(), this.clock()];
    if (this.deaths.length > this.most) return null;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (this.deaths.length - 1), LONGEST_WAIT_MS);
    this.notBefore = this.clock() + wait;
    return wait;
  }

  /** Milliseconds until the next may be started; 0 when it may be now. */
  get wait(): number {
    return Math.max(0, this.notBefore - this.clock());
  }

  /** Whether so many died lately that none is to be started; that passes as the deaths grow old. */
  get exhausted(): boolean {
    return this.recent().length > this.most;
  }

  private recent(): number[] {
    const since = this.clock() - REMEMBERED_MS;
    return this.deaths.filter((at) => at > since);
  }
}

/** Why a thread is not started again, for whoever operates the server. */
export function givenUp(name: string, reason: string): ThreadError {
  return ThreadError.ofDeath(
    `the ${name} thread died too often to be started again (ORIEL_THREAD_RESTARTS), the last time since ${reason}`,
  );
}

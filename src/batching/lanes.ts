/** Something that has work waiting and can start a part of it in a free lane. */
export interface LaneUser {
  /** Starts one piece of work in `lane` and returns true, or returns false when nothing waits. */
  start(lane: number): boolean;
}

/**
 * A fixed number of lanes shared by any number of users, in turn: a user that was served goes to the back of the queue,
 * so that one with endless work cannot starve another. Pure: no clock, no promise.
 */
export class Lanes {
  private readonly free: number[] = [];
  private readonly queue = new Set<LaneUser>();
  private granting = false;
  private asked = false;

  /**
   * @param soon calls back when all that comes at the same time has come, so that it is served together: the end of a turn of the event
   *   loop, say. Without it a free lane is given at once, to whoever comes first.
   */
  constructor(
    readonly count: number,
    private readonly soon?: (grant: () => void) => void,
  ) {
    for (let lane = count - 1; lane >= 0; lane--) this.free.push(lane);
  }

  /** Whether no lane is free. */
  get taken(): boolean {
    return this.free.length === 0;
  }

  /** Lanes in which something is done. */
  get busy(): number {
    return this.count - this.free.length;
  }

  /**
   * Asks for a lane for `user`. At most one request of a user waits at a time.
   * @param full it has as much work as one lane takes, so nothing is won by waiting for more
   */
  request(user: LaneUser, full = false): void {
    this.queue.add(user);
    if (!this.soon || full) return this.grant();
    if (this.asked || this.free.length === 0) return; // who gives a lane back grants it
    this.asked = true;
    this.soon(() => {
      this.asked = false;
      this.grant();
    });
  }

  /** Gives `lane` back. */
  release(lane: number): void {
    this.free.push(lane);
    this.grant();
  }

  private grant(): void {
    if (this.granting) return; // a user's start may release or request at once: the loop below sees it
    this.granting = true;
    while (this.free.length > 0 && this.queue.size > 0) {
      const user = this.queue.values().next().value as LaneUser;
      this.queue.delete(user);
      const lane = this.free.pop() as number;
      if (user.start(lane)) this.queue.add(user);
      else this.free.push(lane);
    }
    this.granting = false;
  }
}

/** Whether this process is on its way out: readiness fails then, and every answer asks its connection to close. */
export class Drain {
  private draining = false;
  private refused = false;

  get started(): boolean {
    return this.draining;
  }

  /** Whether requests are not taken any more, also on connections that are there. */
  get refusing(): boolean {
    return this.refused;
  }

  start(): void {
    this.draining = true;
  }

  /** Something is wrong with this process: what comes from now on is refused. */
  refuse(): void {
    this.draining = true;
    this.refused = true;
  }
}

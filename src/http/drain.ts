/** Whether this process is on its way out: readiness fails then, and every answer asks its connection to close. */
export class Drain {
  private draining = false;

  get started(): boolean {
    return this.draining;
  }

  start(): void {
    this.draining = true;
  }
}

import type { OrielError } from '../../errors.js';
import type { Spool } from './spool.js';

/** What was made of bodies of rows since the start. */
export class BulkFigures {
  /** Rows that were answered, that were named as wrong, and those among them that were too long. */
  answered = 0;
  wrong = 0;
  tooLong = 0;
  /** How often a body was read no further since too much of its answer waited. */
  private fullBefore = 0;
  private readonly spools = new Set<Spool>();

  refused({ code }: OrielError): void {
    this.wrong++;
    if (code === 'line-too-long') this.tooLong++;
  }

  /** Counts with what waits in an answer until its end. */
  watch(spool: Spool): void {
    this.spools.add(spool);
    spool.once('close', () => {
      this.spools.delete(spool);
      this.fullBefore += spool.timesFull;
    });
  }

  /** Bytes that wait in the answer in which most do. */
  get mostWaiting(): number {
    let most = 0;
    for (const { waiting } of this.spools) most = Math.max(most, waiting);
    return most;
  }

  get timesFull(): number {
    let times = this.fullBefore;
    for (const spool of this.spools) times += spool.timesFull;
    return times;
  }
}

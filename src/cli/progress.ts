/** Milliseconds between two looks of a person. */
const EVERY = 100;

interface Screen {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** How far a long work is, in one line of a terminal; nothing where nobody looks. */
export class Progress {
  private next = 0;
  private shown = false;

  constructor(
    private readonly line: (done: number, total: number) => string,
    private readonly screen: Screen = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {}

  at(done: number, total: number): void {
    if (!this.screen.isTTY || this.now() < this.next) return;
    this.next = this.now() + EVERY;
    this.shown = true;
    this.screen.write(`\r\x1b[K${this.line(done, total)}`);
  }

  /** Takes the line away again. */
  end(): void {
    if (this.shown) this.screen.write('\r\x1b[K');
    this.shown = false;
  }
}

/** How much is done of how much, for a person: `1,200 of 4,000 records (30 %)`. */
export function share(done: number, total: number, what: string): string {
  const percent = total > 0 ? Math.floor((done / total) * 100) : 100;
  return `${count(done)} of ${count(total)} ${what} (${percent} %)`;
}

/** `no record`, `1 record`, `1,200 records`. */
export function plural(value: number, what: string): string {
  return `${value === 0 ? 'no' : count(value)} ${what}${value > 1 ? 's' : ''}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

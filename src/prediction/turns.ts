/** Lets no more than a number of works be under way at once; the others wait, in the order in which they came. */
export class Turns {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly atOnce: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay < this.atOnce) this.underWay++;
    else await new Promise<void>((turn) => this.waiting.push(turn)); // the one that ends hands its place over
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.underWay--;
    }
  }
}

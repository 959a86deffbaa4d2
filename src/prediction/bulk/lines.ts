/** A line of a body without its end; null in place of one that is longer than the limit. */
export interface Line {
  /** From 1. */
  number: number;
  text: string | null;
}

/** Cuts a text that comes in pieces into lines, which end with LF or with the text. Holds one unfinished line at most. */
export class LineCutter {
  private rest = '';
  private next = 1;
  private tooLong = false;

  /** @param limit most characters of a line */
  constructor(private readonly limit: number) {}

  push(text: string): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const to = text.indexOf('\n', from);
      if (to < 0) break;
      lines.push(this.line(text.slice(from, to)));
      from = to + 1;
    }
    if (from < text.length) this.keep(text.slice(from));
    return lines;
  }

  /** The last line, where the text did not end with a line end. */
  end(): Line[] {
    return this.rest === '' && !this.tooLong ? [] : [this.line('')];
  }

  private line(end: string): Line {
    this.keep(end);
    const text = this.tooLong ? null : this.rest;
    this.rest = '';
    this.tooLong = false;
    return { number: this.next++, text };
  }

  private keep(text: string): void {
    if (this.tooLong || this.rest.length + text.length > this.limit) {
      this.tooLong = true;
      this.rest = '';
    } else this.rest += text;
  }
}

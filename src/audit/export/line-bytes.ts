/** Bytes of memory for a chunk; a line that is longer than what is left of it makes more. */
const ROOM = 512 * 1024;
/** Most bytes of a number, a time or an id. */
const SHORT = 48;
/** Most bytes for which a loop is quicker than a call: of all of a buffer, and of a part of one. */
const LONG = 24;
const LONG_PART = 96;
const ZERO = 0x30;
const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const DASH = 0x2d;
const POINT = 0x2e;

/** The bytes of lines, written one part after another. What would be a text first and bytes then is written as bytes at once. */
export class LineBytes {
  private bytes = Buffer.allocUnsafeSlow(ROOM);
  private filled = 0;

  /** How many there are. */
  get size(): number {
    return this.filled;
  }

  /** What was written since the last call, in memory of its own. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = Buffer.allocUnsafeSlow(this.filled);
    this.bytes.copy(taken, 0, 0, this.filled);
    this.filled = 0;
    return taken;
  }

  /** Takes back what was written since the size was `size`. */
  backTo(size: number): void {
    this.filled = size;
  }

  byte(byte: number): void {
    this.room(1);
    this.bytes[this.filled++] = byte;
  }

  put(part: Buffer): void {
    const { length } = part;
    this.room(length);
    const { bytes, filled } = this;
    if (length > LONG) bytes.set(part, filled);
    else for (let i = 0; i < length; i++) bytes[filled + i] = part[i] as number;
    this.filled = filled + length;
  }

  copy(part: Buffer, from: number, to: number): void {
    const length = to - from;
    this.room(length);
    const { bytes } = this;
    let at = this.filled;
    if (length > LONG_PART) part.copy(bytes, at, from, to);
    else for (let i = from; i < to; i++) bytes[at++] = part[i] as number;
    this.filled += length;
  }

  /**
   * The same where it is on one line.
   * @returns false, and nothing is written, where it is not
   */
  copyLine(part: Buffer, from: number, to: number): boolean {
    this.room(to - from);
    const { bytes } = this;
    let at = this.filled;
    for (let i = from; i < to; i++) {
      const byte = part[i] as number;
      if (byte === LINE_FEED || byte === RETURN) return false;
      bytes[at++] = byte;
    }
    this.filled = at;
    return true;
  }

  /** What was written since the size was `size`, in memory of its own. */
  since(size: number): Buffer {
    return Buffer.from(this.bytes.subarray(size, this.filled));
  }

  /** The same with each quote doubled. */
  copyDoubled(part: Buffer, from: number, to: number): void {
    this.room((to - from) * 2);
    const { bytes } = this;
    let at = this.filled;
    for (let i = from; i < to; i++) {
      const byte = part[i] as number;
      bytes[at++] = byte;
      if (byte === QUOTE) bytes[at++] = QUOTE;
    }
    this.filled = at;
  }

  /**
   * Values with a comma after each but the last, each with what stands before it in place of the comma, and what stands after the last.
   * @param marks one more than there are values
   * @param doubled whether quotes in the values are doubled
   * @returns false, and nothing is written, where the values are not as many, or not on one line
   */
  values(part: Buffer, from: number, to: number, marks: readonly Buffer[], doubled: boolean): boolean {
    const last = marks.length - 1;
    let most = (to - from) * 2;
    for (let next = 0; next <= last; next++) most += (marks[next] as Buffer).length;
    this.room(most);
    const { bytes } = this;
    let at = this.filled;
    let i = from;
    for (let next = 0; next <= last; next++) {
      const mark = marks[next] as Buffer;
      const { length } = mark;
      for (let j = 0; j < length; j++) bytes[at++] = mark[j] as number;
      if (next === last) break;
      for (; i < to; i++) {
        const byte = part[i] as number;
        if (byte === COMMA) break;
        if (byte === LINE_FEED || byte === RETURN) return false;
        bytes[at++] = byte;
        if (doubled && byte === QUOTE) bytes[at++] = QUOTE;
      }
      // A comma after each but the last.
      if ((next === last - 1) !== (i === to)) return false;
      i++;
    }
    this.filled = at;
    return true;
  }

  /** A text as UTF-8. */
  text(text: string): void {
    this.room(text.length * 3); // bytes of UTF-8 for a unit of UTF-16
    this.filled += this.bytes.write(text, this.filled, 'utf8');
  }

  /** A whole number. */
  integer(value: number): void {
    if (!(value >= 0 && value < 2 ** 31)) return this.text(String(value));
    this.room(SHORT);
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    const end = this.filled + digits;
    let rest = value;
    for (let at = end - 1; at >= this.filled; at--) {
      const tenth = (rest / 10) | 0;
      this.bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.filled = end;
  }

  /** Whole microseconds as milliseconds: what `String(us / 1000)` is. */
  milliseconds(us: number): void {
    if (!(us >= 0 && us < 2 ** 31)) return this.text(String(us / 1000));
    const whole = Math.floor(us / 1000);
    this.integer(whole);
    const rest = us - whole * 1000;
    if (rest === 0) return;
    this.byte(POINT);
    this.digits(rest, 3);
    while (this.bytes[this.filled - 1] === ZERO) this.filled--;
  }

  /** A UUID in its usual form, of 32 hexadecimal digits. */
  uuid(digits: Buffer, from: number): void {
    this.room(SHORT);
    const { bytes } = this;
    let at = this.filled;
    for (let i = 0; i < 32; i++) {
      if (i === 8 || i === 12 || i === 16 || i === 20) bytes[at++] = DASH;
      bytes[at++] = (digits[from + i] as number) | 0x20; // a small letter; digits have that bit
    }
    this.filled = at;
  }

  private digits(value: number, count: number): void {
    this.room(SHORT);
    let rest = value;
    for (let at = this.filled + count - 1; at >= this.filled; at--) {
      const tenth = (rest / 10) | 0;
      this.bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.filled += count;
  }

  private room(more: number): void {
    const wanted = this.filled + more;
    if (wanted <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, this.bytes.length + ROOM));
    this.bytes.copy(larger, 0, 0, this.filled);
    this.bytes = larger;
  }
}

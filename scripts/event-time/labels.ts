/** Finds a place for each text of a clock's picture where it covers neither events nor the watermark nor another text. */
import { text, widthOf } from './svg.js';

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Wish {
  words: string;
  /** Where the text would like to begin. */
  x: number;
  /** The band that it belongs into. */
  top: number;
  bottom: number;
}

const ROW = 13;
/** How far from its event a text may begin, in pixels, the nearest first. */
const SHIFTS = [5, 16, 28, 44, 64, 90, -1];

export class Labels {
  private readonly taken: Box[] = [];

  /** @param right the right edge, in pixels */
  constructor(private readonly right: number) {}

  /** Keeps texts off an event. */
  avoidDot(x: number, y: number): void {
    this.taken.push({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 });
  }

  /** Keeps texts off a line that goes right, then up, from corner to corner. */
  avoidSteps(corners: readonly (readonly [x: number, y: number])[]): void {
    corners.forEach(([x, y], place) => {
      const [fromX, fromY] = corners[place - 1] ?? [x, y];
      this.taken.push({ left: fromX, right: x, top: fromY - 2, bottom: fromY + 2 });
      this.taken.push({ left: x - 2, right: x + 2, top: Math.min(y, fromY), bottom: Math.max(y, fromY) });
    });
  }

  /** @throws Error where there is no room: then the story, or the picture, is to be changed */
  place({ words, x, top, bottom }: Wish): string {
    const width = widthOf(words);
    for (const shift of SHIFTS)
      for (let base = top + ROW; base <= bottom - 2; base += 2) {
        const left = shift < 0 ? this.right - 5 - width : x + shift;
        const box = { left, right: left + width, top: base - 10, bottom: base + 3 };
        if (box.right > this.right - 4 || this.taken.some((other) => overlap(box, other))) continue;
        this.taken.push(box);
        return text(left, base, words, 'small halo');
      }
    throw new Error(`There is no room for "${words}".`);
  }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

import fc from 'fast-check';
import { hexToUuid } from '../id.js';
import { LineBytes } from './line-bytes.js';
import { Times } from './times.js';

/** What is written, as a text. */
function written(write: (out: LineBytes) => void): string {
  const out = new LineBytes();
  write(out);
  return Buffer.from(out.take()).toString('utf8');
}

/** The end of the year 9999. */
const LATEST = 253_402_300_799_999;
const times = fc.integer({ min: 0, max: LATEST });
const whole = fc.oneof(fc.nat(), fc.nat(2000), fc.integer({ min: -5, max: Number.MAX_SAFE_INTEGER }));

describe('bytes of lines', () => {
  it('have two times as Date has them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(times, times, fc.nat(120_000)), { maxLength: 20 }), (some) => {
        const pairs = some.flatMap<[number, number]>(([first, second, later]) => [
          [first, second],
          [first, Math.min(first + later, LATEST)],
        ]);
        const form = new Times('<', ' to ', '>');
        expect(written((out) => pairs.forEach(([first, second]) => form.put(out, first, second)))).toBe(
          pairs.map((pair) => `<${pair.map((ms) => new Date(ms).toISOString()).join(' to ')}>`).join(''),
        );
      }),
    );
  });

  it('have whole numbers, and microseconds as milliseconds, as String has them', () => {
    fc.assert(
      fc.property(whole, (number) => {
        expect(written((out) => out.integer(number))).toBe(String(number));
        expect(written((out) => out.milliseconds(number))).toBe(String(number / 1000));
      }),
    );
  });

  it('copy a part that is on one line, and nothing of another', () => {
    for (const text of ['', 'é', 'x'.repeat(700_000)]) {
      expect(written((out) => out.copyLine(Buffer.from(`-${text}-`), 1, 1 + Buffer.byteLength(text)))).toBe(
        text,
      );
    }
    for (const text of ['a\nb', '\r']) {
      const out = new LineBytes();
      expect(out.copyLine(Buffer.from(text), 0, text.length)).toBe(false);
      expect(out.size).toBe(0);
    }
  });

  it('have a UUID of digits of either case', () => {
    const digits = '019B1234ABCD7F00890aBcDeF0123456';
    expect(written((out) => out.uuid(Buffer.from(`--${digits}`), 2))).toBe(hexToUuid(digits.toLowerCase()));
  });

  it('grow with what is written, and begin anew once it is taken', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat(300_000)), { maxLength: 8 }),
        (some) => {
          const out = new LineBytes();
          const texts = some.map(([text, repeat]) => Buffer.from(text + 'x'.repeat(repeat)).toString());
          for (const text of texts) {
            out.text(text);
            out.put(Buffer.from(text));
          }
          expect(Buffer.from(out.take()).toString('utf8')).toBe(texts.map((text) => text + text).join(''));
          out.byte(0x41);
          expect(Buffer.from(out.take()).toString('utf8')).toBe('A');
        },
      ),
      { numRuns: 20 },
    );
  });

  it('put values between what stands around them, and nothing where they are not as many', () => {
    const marks = ['{"a":', ',"b":', '}'].map((mark) => Buffer.from(mark));
    const put = (line: string, doubled = false): [boolean, string] => {
      const out = new LineBytes();
      out.byte(0x3c);
      const all = out.values(Buffer.from(`,${line},`), 1, 1 + Buffer.byteLength(line), marks, doubled);
      return [all, Buffer.from(out.take()).toString('utf8')];
    };
    expect(put('1,"é"')).toEqual([true, '<{"a":1,"b":"é"}']);
    expect(put('1,"x"', true)).toEqual([true, '<{"a":1,"b":""x""}']);
    expect(put(',')).toEqual([true, '<{"a":,"b":}']);
    const long = '9'.repeat(600_000);
    expect(put(`${long},2`)).toEqual([true, `<{"a":${long},"b":2}`]);
    for (const line of ['', '1', '1,2,3', '1,\n2', '1\r,2']) expect(put(line)).toEqual([false, '<']);
  });
});

import { plural, Progress, share } from './progress.js';

describe('Progress', () => {
  function shown(isTTY: boolean, work: (progress: Progress, wait: (ms: number) => void) => void): string {
    let text = '';
    let now = 0;
    const screen = { isTTY, write: (more: string) => (text += more) };
    const progress = new Progress(
      (done, total) => share(done, total, 'records'),
      screen,
      () => now,
    );
    work(progress, (ms) => (now += ms));
    return text;
  }

  it('is one line of a terminal, written anew not more than ten times a second, and gone at the end', () => {
    const text = shown(true, (progress, wait) => {
      for (let done = 0; done < 200; done += 50) {
        progress.at(done * 10, 2000);
        wait(60);
      }
      progress.end();
    });
    expect(text.split('\r\x1b[K')).toEqual([
      '',
      '0 of 2,000 records (0 %)',
      '1,000 of 2,000 records (50 %)',
      '',
    ]);
  });

  it('is not there where nobody looks, nor where nothing was long', () => {
    expect(shown(false, (progress) => progress.at(1, 2))).toBe('');
    expect(shown(true, (progress) => progress.end())).toBe('');
  });
});

test('an amount is said as one would', () => {
  expect([0, 1, 1200].map((value) => plural(value, 'record'))).toEqual([
    'no record',
    '1 record',
    '1,200 records',
  ]);
  expect(share(0, 0, 'records')).toBe('0 of 0 records (100 %)');
});

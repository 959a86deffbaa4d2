import { Restarts } from './restarts.js';

const MOST_RESTARTS = 10;

function atHand(): { restarts: Restarts; pass: (ms: number) => void } {
  let now = 1000;
  return { restarts: new Restarts(MOST_RESTARTS, () => now), pass: (ms) => (now += ms) };
}

test('each wait is twice the one before, up to five seconds', () => {
  const { restarts } = atHand();
  const waits = Array.from({ length: MOST_RESTARTS }, () => restarts.died());
  expect(waits).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test('what dies too often within a minute is not started again', () => {
  const { restarts, pass } = atHand();
  for (let death = 0; death < MOST_RESTARTS; death++) expect(restarts.died()).not.toBeNull();
  expect(restarts.exhausted).toBe(false);
  pass(1000);
  expect(restarts.died()).toBeNull();
  expect(restarts.exhausted).toBe(true);
});

test('it tells how long it still is until the next may be started', () => {
  const { restarts, pass } = atHand();
  expect(restarts.wait).toBe(0);
  restarts.died();
  restarts.died();
  pass(30);
  expect(restarts.wait).toBe(70);
  pass(500);
  expect(restarts.wait).toBe(0);
});

test('a death is forgotten after a minute', () => {
  const { restarts, pass } = atHand();
  for (let death = 0; death <= MOST_RESTARTS; death++) restarts.died();
  pass(60_000);
  expect(restarts.exhausted).toBe(false);
  expect(restarts.died()).toBe(50);
});

test('one that dies now and then is always started again', () => {
  const { restarts, pass } = atHand();
  for (let death = 0; death < 500; death++) {
    expect(restarts.died()).not.toBeNull();
    pass(7000);
  }
});

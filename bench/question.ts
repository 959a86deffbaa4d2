import { HOUSE, PREDICT, PRICE } from '../test/houses.js';

/** The question every server is asked: the lecture's 13 figures, and what the bundled model says to them. */
export const BODY = JSON.stringify(HOUSE);

export const PATH = PREDICT;
const EXPECTED = PRICE;
const TOLERANCE = 1e-4;

/**
 * Asks once and checks the answer.
 * @returns the length of the answer's body, bytes
 * @throws when the status is not 200, or the prediction is another than the model's
 */
export async function askOnce(address: string, of: 'oriel' | 'bare'): Promise<number> {
  const response = await fetch(`${address}${PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' },
    body: BODY,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${address} answered ${response.status}: ${text}`);
  if (of === 'oriel') {
    const { prediction } = JSON.parse(text) as { prediction?: number[] };
    const value = prediction?.[0] ?? NaN;
    if (!(Math.abs(value - EXPECTED) <= TOLERANCE)) {
      throw new Error(`${address} predicts ${value} instead of ${EXPECTED}: nothing was measured.`);
    }
  }
  return Buffer.byteLength(text);
}

/** The question every server is asked: the lecture's 13 figures, and what the bundled model says to them. */
export const BODY = JSON.stringify({
  RAD: 1,
  PTRATIO: 15.3,
  INDUS: 2.31,
  B: 396.9,
  ZN: 18,
  DIS: 4.09,
  CRIM: 0.00632,
  RM: 6.575,
  AGE: 65.2,
  CHAS: 0,
  NOX: 0.538,
  TAX: 296,
  LSTAT: 4.98,
});

export const PATH = '/v1/models/boston-housing/predict';
const EXPECTED = 30.0038;
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

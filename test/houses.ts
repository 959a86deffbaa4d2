/** Inputs of the model that comes with Oriel. */

export const PREDICT = '/v1/models/boston-housing/predict';

export type House = Record<string, number>;

/** The lecture's house, in the lecture's order. */
export const HOUSE: House = {
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
};

/** The same house in the order of the model's columns. */
export const APARTMENT: House = Object.fromEntries(
  ['CRIM', 'ZN', 'INDUS', 'CHAS', 'NOX', 'RM', 'AGE', 'DIS', 'RAD', 'TAX', 'PTRATIO', 'B', 'LSTAT'].map(
    (name) => [name, HOUSE[name] as number],
  ),
);

/** What ordinary least squares (version 1) says of it. */
export const PRICE = 30.00384337701678;

/** Houses that all differ, and none of them the lecture's. */
export function house(n: number): House {
  return { ...HOUSE, RM: 4 + (n % 97) / 20, LSTAT: 2 + (n % 31), TAX: 200 + n, CHAS: n % 2 };
}

export function houses(count: number, from = 0): House[] {
  return Array.from({ length: count }, (_, n) => house(from + n));
}

export function queryOf(one: House): string {
  return Object.entries(one)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

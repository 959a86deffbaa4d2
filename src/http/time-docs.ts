import { FIRST_TIME, LAST_TIME } from '../units.js';

/** How a time may be given, in the words of OpenAPI: RFC 3339, or whole epoch milliseconds (what `parseTime` reads). */
export const A_TIME = {
  anyOf: [
    { type: 'string' as const, format: 'date-time' },
    { type: 'integer' as const, minimum: FIRST_TIME, maximum: LAST_TIME },
  ],
};

/** How a duration from 1s may be given, in the words of OpenAPI (what `parseDuration` reads). */
export const A_DURATION = {
  type: String,
  pattern: String.raw`^(\d+|(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$`,
  minLength: 1,
};

import { stdSerializers } from 'pino';

const CENSORED = '[redacted]';
/** How far into an object a log line is looked through; nothing that is logged goes deeper. */
const MAX_DEPTH = 8;

const SECRET = /authorization|cookie|passw(or)?d|secret|token|credential|(^|[-_.])key$/i;
const SECRET_KEY = /[a-z]Key$/; // as in apiKey, but not in monkey
const PARAMETER = /([?&])([^=&\s"'#?]+)=([^&\s"'#]*)/g;
const CREDENTIALS = /\b(bearer|basic) +[\w.~+/=-]{8,}/gi;
const USER_INFO = /:\/\/[^/\s@]+@/g;

/** A copy of what is logged, errors as plain objects, without what nobody may read there: credentials, cookies, keys, also in addresses and texts. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return CENSORED;
  if (value instanceof Error) return redact({ ...stdSerializers.err(value) }, depth + 1);
  if (Array.isArray(value)) return value.map((one) => redact(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, isSecret(name) ? CENSORED : redact(one, depth + 1)]),
  );
}

function redactText(text: string): string {
  return text
    .replaceAll(PARAMETER, (whole, before: string, name: string) =>
      isSecret(name) ? `${before}${name}=${CENSORED}` : whole,
    )
    .replaceAll(CREDENTIALS, `$1 ${CENSORED}`)
    .replaceAll(USER_INFO, `://${CENSORED}@`);
}

function isSecret(name: string): boolean {
  return SECRET.test(name) || SECRET_KEY.test(name);
}

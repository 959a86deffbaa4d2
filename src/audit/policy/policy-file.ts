import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SettingsError } from '../../config/settings.js';
import { parseBytes, parseDuration } from '../../units.js';
import { OUTCOMES, type Outcome } from '../record.js';
import { statusRange } from './policy.js';
import { segmentsOf } from './redaction.js';
import { AUDIT_LEVELS, EXEMPTIONS, type AuditLevel, type AuditRule } from './rules.js';

/** A text or a number that `accepts` reads; `must` says what it has to be. */
function read<T>(parse: (value: string | number) => T | undefined, must: string): z.ZodType<T> {
  return z.unknown().transform((value, context) => {
    const parsed = typeof value === 'string' || typeof value === 'number' ? parse(value) : undefined;
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: value === undefined ? 'is missing' : must });
    return z.NEVER;
  });
}

function text(accepts: (value: string) => boolean, must: string): z.ZodType<string> {
  return read((value) => (typeof value === 'string' && accepts(value) ? value : undefined), must);
}

function list<T>(member: z.ZodType<T>): z.ZodOptional<z.ZodArray<z.ZodType<T>>> {
  const must = 'must be an array of at least one member';
  return z.array(member, must).min(1, must).optional();
}

function optional<T>(schema: z.ZodType<T>): z.ZodOptional<z.ZodType<T>> {
  return schema.optional();
}

const sizeOf = (value: string | number): number | undefined => parseBytes(String(value));

const RULE = z.strictObject(
  {
    level: read<AuditLevel>(
      (value) => AUDIT_LEVELS.find((level) => level === value),
      `must be one of ${AUDIT_LEVELS.join(', ')}`,
    ),
    routes: list(text((value) => /^[/*]/.test(value), 'must be a pattern that begins with / or *')),
    methods: list(text((value) => /^[A-Z][A-Z-]*$/.test(value), 'must be a method such as GET')),
    models: list(text((value) => value !== '', 'must be the name of a model, in which * may stand')),
    status: list(
      read(
        (value) => (statusRange(value) ? value : undefined),
        'must be a status such as 404, 4xx or 500-599',
      ),
    ),
    outcomes: list(
      read<Outcome>(
        (value) => OUTCOMES.find((outcome) => outcome === value && outcome !== 'lost'),
        `must be one of ${OUTCOMES.filter((outcome) => outcome !== 'lost').join(', ')}`,
      ),
    ),
    roles: list(text((value) => value !== '', 'must be the name of a role')),
    minLatency: optional(read(parseDuration, 'must be a duration such as 250 or 250ms')),
    redact: list(
      text(
        (value) => ['input', 'output'].includes(segmentsOf(value)?.[0] ?? ''),
        'must be a JSON pointer that begins with /input or /output',
      ),
    ),
    payloadLimit: optional(read(sizeOf, 'must be a size such as 4096 or 4KiB')),
    evenErrors: z.boolean('must be true or false').optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
);

const POLICY = z.strictObject(
  { rules: z.array(RULE, 'must be an array of rules') },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object with "rules"' : undefined) },
);

/**
 * The rules of the file that ORIEL_AUDIT_POLICY names, and after them what leaves no record by itself.
 * @throws SettingsError with one sentence for each value that is wrong, by its JSON pointer
 */
export function readPolicy(file: string): AuditRule[] {
  const value = parsed(file);
  const result = POLICY.safeParse(value);
  if (result.success) return [...result.data.rules, ...EXEMPTIONS];
  throw new SettingsError(
    result.error.issues
      .flatMap(sentencesOf)
      .map((sentence) => `${file} (ORIEL_AUDIT_POLICY): ${sentence}.`)
      .join('\n'),
  );
}

function parsed(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as { code?: string };
    throw new SettingsError(`${file} (ORIEL_AUDIT_POLICY) cannot be read: ${code}.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`${file} (ORIEL_AUDIT_POLICY) is not valid JSON: ${(error as Error).message}.`);
  }
}

function sentencesOf(issue: z.core.$ZodIssue): string[] {
  const place = pointerOf(issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${pointerOf([...issue.path, key])} is not a member that is known here`);
  return [`${place || 'it'} ${issue.message}`];
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

import type { Outcome } from '../record.js';
import { anyOf } from '../../pattern.js';
import { appliesTo } from './redaction.js';
import { DEFAULT_RULES, type AuditRule } from './rules.js';

/** What rules look at. The members may be getters: each is read only where a rule asks for it. */
export interface Asked {
  method: string;
  /** As the API documents it; empty where there is none. */
  route: string;
  /** Without the query. */
  path: string;
  model: string | null;
  status: number;
  outcome: Outcome;
  roles: readonly string[];
  /** Milliseconds. */
  latency: number;
}

/** What is to be taken out of a record. */
export interface Redaction {
  pointers: readonly string[];
  input: boolean;
  output: boolean;
}

/** What is kept of a request. */
export interface Keeping {
  level: 'metadata' | 'payload';
  /** Most characters of an input or an output. */
  limit: number;
  redaction: Redaction | null;
}

interface Compiled {
  place: ((text: string) => boolean) | null;
  /** All that the rule asks beside the place. */
  asks: readonly ((asked: Asked) => boolean)[];
  /** What is kept when it holds; null for nothing. */
  keeping: Keeping | null;
  /** The same of a request that ended in an error. */
  ofErrors: Keeping | null;
}

/** The rules that can hold at a place, in order. */
interface Remembered {
  route: string;
  rules: readonly Compiled[];
}

const METADATA: Keeping = { level: 'metadata', limit: 0, redaction: null };
/** Most paths for which it is remembered which rules can hold there, and their longest; beyond it all are forgotten. */
const REMEMBERED = 1000;
const LONGEST_REMEMBERED = 256;

/** The audit policy: ordered rules, of which the first that holds says what is kept (the model is that of Kubernetes). */
export class AuditPolicy {
  private readonly rules: readonly Compiled[];
  private readonly places = new Map<string, Remembered>();

  /** @param payloadLimit characters of a payload where a rule names no limit of its own */
  constructor(rules: readonly AuditRule[], payloadLimit: number) {
    this.rules = rules.map((rule) => compile(rule, payloadLimit));
  }

  /** @returns null when the request leaves no record. `metadata` where no rule holds, and of errors that a rule leaves out */
  decide(asked: Asked): Keeping | null {
    for (const { asks, keeping, ofErrors } of this.rulesAt(asked.route, asked.path)) {
      if (!asks.every((holds) => holds(asked))) continue;
      return keeping === ofErrors ? keeping : isError(asked) ? ofErrors : keeping;
    }
    return METADATA;
  }

  private rulesAt(route: string, path: string): readonly Compiled[] {
    const known = this.places.get(path);
    if (known?.route === route) return known.rules;
    const rules: Compiled[] = [];
    for (const rule of this.rules) {
      if (rule.place && !rule.place(route) && !rule.place(path)) continue;
      rules.push(rule);
      if (rule.asks.length === 0) break; // it holds for all that come so far
    }
    if (path.length <= LONGEST_REMEMBERED) {
      if (this.places.size >= REMEMBERED) this.places.clear();
      this.places.set(path, { route, rules });
    }
    return rules;
  }
}

const EXEMPT = anyOf(
  DEFAULT_RULES.flatMap(({ level, evenErrors, routes }) =>
    level === 'none' && evenErrors ? (routes ?? []) : [],
  ),
);

/** Whether a place is one of those that by themselves leave no record: probes, metrics, documentation. */
export function isExempt(path: string): boolean {
  return EXEMPT(path);
}

function compile(rule: AuditRule, payloadLimit: number): Compiled {
  const keeping = rule.level === 'none' ? null : keepingOf(rule.level, rule, payloadLimit);
  return {
    place: rule.routes ? anyOf(rule.routes) : null,
    asks: asksOf(rule),
    keeping,
    ofErrors: keeping ?? (rule.evenErrors ? null : METADATA),
  };
}

function keepingOf(level: 'metadata' | 'payload', rule: AuditRule, payloadLimit: number): Keeping {
  if (level === 'metadata') return METADATA;
  const pointers = rule.redact ?? [];
  const [input, output] = [appliesTo(pointers, 'input'), appliesTo(pointers, 'output')];
  return {
    level,
    limit: rule.payloadLimit ?? payloadLimit,
    redaction: input || output ? { pointers, input, output } : null,
  };
}

function asksOf({ methods, models, status, outcomes, roles, minLatency }: AuditRule): Compiled['asks'] {
  const asks: ((asked: Asked) => boolean)[] = [];
  if (methods) asks.push(({ method }) => methods.includes(method));
  if (models) {
    const fits = anyOf(models);
    asks.push(({ model }) => model !== null && fits(model));
  }
  if (status) {
    const ranges = status.map(statusRange);
    asks.push((asked) => {
      const code = asked.status;
      return ranges.some((range) => range !== undefined && code >= range[0] && code <= range[1]);
    });
  }
  if (outcomes) asks.push(({ outcome }) => outcomes.includes(outcome));
  if (roles) asks.push((asked) => asked.roles.some((role) => roles.includes(role)));
  if (minLatency !== undefined) asks.push(({ latency }) => latency >= minLatency);
  return asks;
}

/** Lowest and highest status that `404`, `4xx` or `500-599` means; undefined when it means none. */
export function statusRange(text: number | string): readonly [number, number] | undefined {
  const [, one, family, low, high] =
    /^(?:([1-5]\d\d)|([1-5])xx|([1-5]\d\d)-([1-5]\d\d))$/.exec(String(text)) ?? [];
  if (one) return [Number(one), Number(one)];
  if (family) return [Number(family) * 100, Number(family) * 100 + 99];
  return low && high && Number(low) <= Number(high) ? [Number(low), Number(high)] : undefined;
}

function isError({ status, outcome }: Asked): boolean {
  return status >= 400 || outcome !== 'ok';
}

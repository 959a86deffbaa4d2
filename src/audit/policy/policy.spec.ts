import fc from 'fast-check';
import { OUTCOMES, type Outcome } from '../record.js';
import { AuditPolicy, isExempt, statusRange, type Asked, type Keeping } from './policy.js';
import { DEFAULT_RULES, type AuditRule } from './rules.js';

const LIMIT = 1000;
const ASKED: Asked = {
  method: 'GET', route: '', path: '/', model: null, status: 200, outcome: 'ok', roles: [], latency: 1,
}; // prettier-ignore

function decide(rules: readonly AuditRule[], asked: Partial<Asked>): Keeping | null {
  return new AuditPolicy(rules, LIMIT).decide({ ...ASKED, ...asked });
}

const levelOf = (rules: readonly AuditRule[], asked: Partial<Asked>): string =>
  decide(rules, asked)?.level ?? 'none';

describe('the rules where none are given', () => {
  it.each([
    ['/health', 'none'],
    ['/health/live', 'none'],
    ['/v2/health/ready', 'none'],
    ['/metrics', 'none'],
    ['/docs/swagger-ui.css', 'none'],
    ['/openapi.json', 'none'],
    ['/healthy', 'payload'],
    ['/docsearch', 'payload'],
    ['/v1/models/health/predict', 'payload'],
    ['/v1/audit/requests', 'payload'],
    ['/', 'payload'],
  ])('keep of %s the level %s, also when it failed', (path, level) => {
    expect(levelOf(DEFAULT_RULES, { path })).toBe(level);
    expect(levelOf(DEFAULT_RULES, { path, status: 503, outcome: 'serverError' })).toBe(level);
    expect(isExempt(path)).toBe(level === 'none');
  });
});

describe('a policy', () => {
  it('keeps the metadata where no rule holds', () => {
    expect(levelOf([], {})).toBe('metadata');
    expect(levelOf([{ level: 'payload', routes: ['/a'] }], { path: '/b' })).toBe('metadata');
  });

  it('never drops an error but by a rule that says so', () => {
    const errors: Partial<Asked>[] = [
      { status: 404, outcome: 'clientError' },
      { status: 499, outcome: 'aborted' },
      { status: 408, outcome: 'timeout' },
      { status: 429, outcome: 'rejected' },
      { status: 200, outcome: 'serverError' }, // its end was cut off after its head was sent
    ];
    for (const error of errors) {
      expect(levelOf([{ level: 'none' }], error)).toBe('metadata');
      expect(levelOf([{ level: 'none', evenErrors: true }], error)).toBe('none');
    }
    expect(levelOf([{ level: 'none' }], {})).toBe('none');
  });

  it('looks at nothing that no rule names', () => {
    const unasked = (): never => {
      throw new Error('no rule asks for it');
    };
    const asked = Object.defineProperties(
      { route: '/a', path: '/a' },
      {
        status: { get: unasked },
        latency: { get: unasked },
      },
    ) as unknown as Asked;
    expect(new AuditPolicy([{ level: 'payload' }], LIMIT).decide(asked)?.level).toBe('payload');
  });

  it('takes the limit of the rule, or else that of the settings, and tells what pointers concern', () => {
    expect(decide([{ level: 'payload' }], {})).toEqual({ level: 'payload', limit: LIMIT, redaction: null });
    const redact = ['/output/prediction'];
    expect(decide([{ level: 'payload', payloadLimit: 0, redact }], {})).toEqual({
      level: 'payload',
      limit: 0,
      redaction: { pointers: redact, input: false, output: true },
    });
  });

  it('decides as going through the rules one by one would, again and again', () => {
    const some = <T>(values: readonly T[]): fc.Arbitrary<T[] | undefined> =>
      fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }), {
        nil: undefined,
        freq: 2,
      });
    const places = ['/a', '/a/:id', '/b', '/b/1', '/a/1', '*', ''];
    const rule: fc.Arbitrary<AuditRule> = fc.record({
      level: fc.constantFrom('none', 'metadata', 'payload'),
      routes: some(['/a', '/a/*', '/a/:id', '*1', '*']),
      methods: some(['GET', 'POST']),
      models: some(['m', 'm*', 'n']),
      status: some<number | string>([200, '4xx', '500-502']),
      outcomes: some(OUTCOMES),
      roles: some(['viewer', 'admin']),
      minLatency: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
      payloadLimit: fc.option(fc.nat(9), { nil: undefined }),
      evenErrors: fc.option(fc.boolean(), { nil: undefined }),
    });
    const asked: fc.Arbitrary<Asked> = fc.record({
      method: fc.constantFrom('GET', 'POST', ''),
      route: fc.constantFrom(...places),
      path: fc.constantFrom(...places),
      model: fc.constantFrom(null, 'm', 'mm', 'n'),
      status: fc.constantFrom(200, 404, 499, 500, 503),
      outcome: fc.constantFrom(...OUTCOMES),
      roles: fc.subarray(['viewer', 'admin']),
      latency: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        fc.array(asked, { minLength: 1, maxLength: 30 }),
        (rules, all) => {
          const policy = new AuditPolicy(rules, LIMIT);
          for (const one of all) expect(policy.decide(one)).toEqual(reference(rules, one));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** The same, as one would say it. */
function reference(rules: readonly AuditRule[], asked: Asked): Keeping | null {
  const metadata = { level: 'metadata', limit: 0, redaction: null } as const;
  const fits = (patterns: readonly string[], text: string): boolean =>
    patterns.some((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`).test(text));
  const rule = rules.find(
    ({ routes, methods, models, status, outcomes, roles, minLatency }) =>
      (!routes || fits(routes, asked.route) || fits(routes, asked.path)) &&
      (!methods || methods.includes(asked.method)) &&
      (!models || (asked.model !== null && fits(models, asked.model))) &&
      (!status ||
        (status.includes('4xx') && Math.floor(asked.status / 100) === 4) ||
        (status.includes('500-502') && asked.status >= 500 && asked.status <= 502) ||
        (status.includes(200) && asked.status === 200)) &&
      (!outcomes || outcomes.includes(asked.outcome)) &&
      (!roles || roles.filter((role) => asked.roles.includes(role)).length > 0) &&
      (minLatency === undefined || asked.latency >= minLatency),
  );
  if (!rule || rule.level === 'metadata') return metadata;
  if (rule.level === 'payload')
    return { level: 'payload', limit: rule.payloadLimit ?? LIMIT, redaction: null };
  const good: Outcome = 'ok';
  return (asked.status < 400 && asked.outcome === good) || rule.evenErrors === true ? null : metadata;
}

describe('statusRange', () => {
  it.each([
    [404, [404, 404]],
    ['404', [404, 404]],
    ['4xx', [400, 499]],
    ['500-599', [500, 599]],
    ['599-500', undefined],
    ['6xx', undefined],
    [99, undefined],
    ['4XX', undefined],
    ['', undefined],
  ])('of %p is %p', (text, range) => {
    expect(statusRange(text)).toEqual(range);
  });
});

import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestContext } from '../http/request-context.js';
import { AuditPolicy } from './policy/policy.js';
import { AskedRequest } from './asked-request.js';
import { RecordRedactor } from './record-redactor.js';
import { toRecord } from './to-record.js';

const SECRET = '4711';
const LONG = 'x'.repeat(60);
const INPUT = `{"secret":${SECRET},"open":"${LONG}"}`;
const OUTPUT = `{"prediction":[${SECRET}],"more":"${LONG}"}`;
const CLEAN_INPUT = `{"secret":"[redacted]","open":"${LONG}"}`;
const CLEAN_OUTPUT = `{"prediction":["[redacted]"],"more":"${LONG}"}`;
const WHOLE = 1000;

const LEVELS = ['none', 'metadata', 'payload'] as const;
const REDACTIONS = [[], ['/input/secret'], ['/output/prediction/*'], ['/input/secret', '/output/prediction/*']]; // prettier-ignore
const LIMITS = [0, 20, WHOLE];
const ENDS = [
  { status: 200, outcome: 'ok', destroyed: false },
  { status: 422, outcome: 'clientError', destroyed: false },
  { status: 499, outcome: 'aborted', destroyed: true },
];
const CASES = LEVELS.flatMap((level) =>
  REDACTIONS.flatMap((redact) =>
    LIMITS.flatMap((payloadLimit) => ENDS.map((end) => ({ level, redact, payloadLimit, end }))),
  ),
);

/** What is kept of a request, by way of the policy, the main thread and the journal thread; null for no record. */
function kept(
  { level, redact, payloadLimit, end }: (typeof CASES)[number],
  body?: RequestContext['body'],
): Record<string, string | null> | null {
  const context = new RequestContext('10.0.0.1');
  context.body = body ?? null;
  const request = {
    context,
    method: 'POST',
    url: '/v1/models/m/predict?secret=4711',
    headers: {},
    audit: body === undefined ? { input: INPUT, output: OUTPUT } : {},
    is404: false,
    routeOptions: { url: '/v1/models/:model/predict' },
    raw: { socket: { destroyed: end.destroyed } },
  } as unknown as FastifyRequest;
  const reply = { statusCode: end.destroyed ? 200 : end.status } as unknown as FastifyReply;
  const rules = [{ level, redact, payloadLimit }];
  const keeping = new AuditPolicy(rules, WHOLE).decide(new AskedRequest(request, reply));
  if (!keeping) return null;
  const record = toRecord(request, reply, keeping, WHOLE);
  expect(record.slice(4, 6)).toEqual([end.status, end.outcome]);
  const [input = null, output = null, truncated = null, redacted = null] =
    new RecordRedactor().payloadOf(record) ?? [];
  return { input, output, truncated, redacted };
}

const NOTHING = { input: null, output: null, truncated: null, redacted: null };

describe('level, redaction, limit and outcome together', () => {
  it.each(CASES)('keep what each of them says: %j', (given) => {
    const { level, redact, payloadLimit, end } = given;
    const found = kept(given);
    if (level !== 'payload') {
      expect(found).toEqual(level === 'none' && end.outcome === 'ok' ? null : NOTHING);
      return;
    }
    const [hidden, silent] = [redact.includes('/input/secret'), redact.includes('/output/prediction/*')];
    const cut = payloadLimit < WHOLE;
    expect(found).toEqual({
      input: (hidden ? CLEAN_INPUT : INPUT).slice(0, payloadLimit),
      output: (silent ? CLEAN_OUTPUT : OUTPUT).slice(0, payloadLimit),
      truncated: cut ? 'input,output' : null,
      redacted: [hidden ? 'input' : '', silent ? 'output' : ''].filter(Boolean).join(',') || null,
    });
  });

  it.each<[string, RequestContext['body']]>([
    ['malformed JSON', { text: `{"secret":${SECRET}`, json: false }],
    ['CSV', { text: `secret\n${SECRET}\n`, json: false }],
    ['the query alone', null],
    ['a text', { text: `"${SECRET}"`, json: true }],
    ['a body too long to look into', { text: `{"a":"${'x'.repeat(WHOLE)}","secret":${SECRET}}`, json: true }],
  ])('keep nothing of %s where something is to be taken out', (_what, body) => {
    const found = kept(
      { level: 'payload', redact: ['/input/secret'], payloadLimit: WHOLE, end: ENDS[1]! },
      body,
    );
    expect(found).toEqual({ input: '"[redacted]"', output: null, truncated: null, redacted: 'input' });
  });
});

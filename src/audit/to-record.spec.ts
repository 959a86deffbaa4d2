import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestContext } from '../http/request-context.js';
import type { Keeping } from './policy/policy.js';
import type { AuditNotes } from './record.js';
import { timeOfId, uuidToBytes } from './id.js';
import { brokenRecord, lossRecord, outcomeOf, sizeOf, toRecord } from './to-record.js';

interface Given {
  url?: string;
  route?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: RequestContext['body'];
  audit?: AuditNotes;
  is404?: boolean;
  destroyed?: boolean;
  level?: Keeping['level'];
  limit?: number;
  redaction?: Keeping['redaction'];
  redactLimit?: number;
}

/** The members of a record that the tests look at, of a request that was answered as `given`. */
function recordOf(given: Given): Record<string, unknown> {
  const context = new RequestContext('10.0.0.1');
  context.body = given.body ?? null;
  const request = {
    context,
    method: 'POST',
    url: given.url ?? '/v1/models/m/predict',
    ip: '10.0.0.1',
    headers: given.headers ?? {},
    audit: given.audit,
    is404: given.is404 ?? false,
    routeOptions: { url: given.route ?? '/v1/models/:model/predict' },
    raw: { socket: { destroyed: given.destroyed ?? false } },
  } as unknown as FastifyRequest;
  const reply = { statusCode: given.status ?? 200 } as unknown as FastifyReply;
  const record = toRecord(
    request,
    reply,
    { level: given.level ?? 'payload', limit: given.limit ?? 1000, redaction: given.redaction ?? null },
    given.redactLimit ?? 1000,
  );
  const [
    id, method, route, path, status, outcome, , , source, userAgent, traceId, clientRequestId, totalUs, queueUs, runUs,
    model, , , batch, , input, output, truncated,
  ] = record; // prettier-ignore
  expect(id).toBe(context.id);
  expect(totalUs).toBeGreaterThanOrEqual(0);
  return { method, route, path, status, outcome, source, userAgent, traceId, clientRequestId, queueUs, runUs, model, batch, input, output, truncated }; // prettier-ignore
}

describe('toRecord', () => {
  it('says who asked what, and how it ended', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { 'user-agent': 'curl', 'x-request-id': 'mine', traceparent };
    const audit: AuditNotes = {
      model: 'm',
      batch: 3,
      queue: 0.5,
      run: 1.25,
      input: '{"a":1}',
      output: '{"prediction":[2]}',
    };
    expect(recordOf({ headers, audit })).toEqual({
      method: 'POST', route: '/v1/models/:model/predict', path: '/v1/models/m/predict', status: 200, outcome: 'ok',
      source: '10.0.0.1', userAgent: 'curl', traceId: '4bf92f3577b34da6a3ce929d0e0e4736', clientRequestId: 'mine',
      queueUs: 500, runUs: 1250, model: 'm', batch: 3, input: '{"a":1}', output: '{"prediction":[2]}', truncated: null,
    }); // prettier-ignore
  });

  it('has a path only where it differs from the route, without the query', () => {
    expect(recordOf({ url: '/v1/models?x=1', route: '/v1/models' })).toMatchObject({
      route: '/v1/models',
      path: null,
    });
    expect(recordOf({ url: '/nowhere?x=1', is404: true, status: 404 })).toMatchObject({
      route: '',
      path: '/nowhere',
    });
  });

  it('keeps the body of a request that no handler understood, always as JSON', () => {
    expect(recordOf({ body: { text: '{"a":', json: false } }).input).toBe('"{\\"a\\":"');
    expect(recordOf({ body: { text: '{"a":1}', json: true } }).input).toBe('{"a":1}');
    expect(recordOf({ url: '/v1/models/m/predict?a=1' }).input).toBe('"a=1"');
    expect(recordOf({}).input).toBeNull();
  });

  it('keeps no payload where the policy says metadata', () => {
    const audit: AuditNotes = { input: '1', output: '2', model: 'm' };
    expect(recordOf({ audit, level: 'metadata' })).toMatchObject({
      input: null,
      output: null,
      truncated: null,
      model: 'm',
    });
  });

  it('cuts payloads at the limit and says which', () => {
    const cut = (input: string, output: string): unknown[] => {
      const record = recordOf({ audit: { input, output }, limit: 3 });
      return [record.input, record.output, record.truncated];
    };
    expect(cut('abc', 'abc')).toEqual(['abc', 'abc', null]);
    expect(cut('abcd', 'abc')).toEqual(['abc', 'abc', 'input']);
    expect(cut('abc', 'abcd')).toEqual(['abc', 'abc', 'output']);
    expect(cut('abcd', 'abcd')).toEqual(['abc', 'abc', 'input,output']);
  });

  it('never cuts a character in half', () => {
    const text = `"a${'\u{1F600}'.repeat(3)}"`;
    const { input, truncated } = recordOf({ audit: { input: text }, limit: 5 });
    expect([input, truncated]).toEqual(['"a\u{1F600}', 'input']);
  });

  it('says of what is only the first of an input and an output that it was cut', () => {
    expect(recordOf({ audit: { input: '[1]', output: '[2]', partial: true } })).toMatchObject({
      input: '[1]',
      output: '[2]',
      truncated: 'input,output',
    });
    expect(recordOf({ audit: { input: '[1]', partial: true } }).truncated).toBe('input');
  });

  it('lets travel whole that out of which values are taken, and nothing of what is too long for that', () => {
    const audit: AuditNotes = { input: '{"a":12}', output: '{"b":34}' };
    const redaction = { pointers: ['/input/a'], input: true, output: false };
    expect(recordOf({ audit, limit: 4, redaction })).toMatchObject({
      input: '{"a":12}',
      output: '{"b"',
      truncated: 'output',
    });
    expect(recordOf({ audit, limit: 4, redaction, redactLimit: 7 })).toMatchObject({
      input: '"[redacted]"',
      output: '{"b"',
      truncated: 'output',
    });
  });

  it('calls a request aborted whose client is gone, whatever would have been answered', () => {
    expect(recordOf({ destroyed: true })).toMatchObject({ status: 499, outcome: 'aborted' });
  });

  it('does not keep headers of any length', () => {
    const long = 'x'.repeat(10_000);
    const record = recordOf({ headers: { 'user-agent': long, 'x-request-id': long }, url: `/${long}` });
    for (const text of [record.userAgent, record.clientRequestId, record.path])
      expect(text).toHaveLength(512);
  });
});

describe('outcomeOf', () => {
  it.each([
    [200, null, 'ok'],
    [204, null, 'ok'],
    [304, null, 'ok'],
    [400, 'malformed-json', 'clientError'],
    [404, null, 'clientError'],
    [422, 'invalid-input', 'clientError'],
    [408, 'request-timeout', 'timeout'],
    [504, null, 'timeout'],
    [429, null, 'rejected'],
    [503, 'queue-full', 'rejected'],
    [503, 'readers-busy', 'rejected'],
    [503, 'bulk-busy', 'rejected'],
    [503, 'journal-full', 'rejected'],
    [503, 'model-loading', 'serverError'],
    [503, null, 'serverError'],
    [500, 'internal', 'serverError'],
  ] as const)('of %d with the problem %s is %s', (status, problem, outcome) => {
    expect(outcomeOf(status, problem)).toBe(outcome);
  });
});

describe('records of what was no request', () => {
  it('say what came instead', () => {
    const broken = brokenRecord({ id: 'i', status: 400, problem: 'malformed-request', source: '10.0.0.1' });
    expect(broken.slice(0, 9)).toEqual([
      'i',
      '',
      '',
      null,
      400,
      'clientError',
      'malformed-request',
      '',
      '10.0.0.1',
    ]);
    const from = Date.parse('2026-01-31T12:00:00Z');
    const loss = lossRecord('records-lost', { count: 7, from, to: from + 1500 });
    expect([loss[5], loss.at(-1)]).toEqual(['lost', 7]);
    expect([timeOfId(uuidToBytes(loss[0])), loss[12]]).toEqual([from, 1_500_000]); // shown as `time` and `completedAt`
    expect(loss).toHaveLength(broken.length);
  });

  it('are weighed with their payloads', () => {
    const [bare, full] = ['', 'x'.repeat(100)].map((text) => {
      const record = [...lossRecord('records-lost', { count: 1, from: 1, to: 1 })];
      record[20] = record[21] = text;
      return sizeOf(record as unknown as ReturnType<typeof lossRecord>);
    });
    expect(full! - bare!).toBe(200);
  });
});

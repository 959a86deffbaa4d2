import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../audit/id.js';
import { openContext, traceIdOf } from './request-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('traceIdOf', () => {
  it.each([
    `00-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-00`,
    `01-${TRACE}-${PARENT}-01-what-comes-later`,
  ])('finds the trace in %s', (header) => expect(traceIdOf(header)).toBe(TRACE));

  it.each([
    '',
    TRACE,
    `00-${TRACE}-${PARENT}`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-01x`,
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    ` 00-${TRACE}-${PARENT}-01`,
  ])('finds no trace in %j', (header) => expect(traceIdOf(header)).toBeNull());

  it('finds none where there is no header, or more than one', () => {
    expect(traceIdOf(undefined)).toBeNull();
    expect(traceIdOf([`00-${TRACE}-${PARENT}-01`])).toBeNull();
  });
});

describe('openContext', () => {
  it('makes one context a request, whose id the answer carries, and whose type nobody may guess', () => {
    const headers: Record<string, string> = {};
    const reply = {
      header: (name: string, value: string) => (headers[name] = value),
    } as unknown as FastifyReply;
    const request = { context: null, url: '/v1/models' } as unknown as FastifyRequest;
    const context = openContext(request, reply);
    expect(openContext(request, reply)).toBe(context);
    expect(headers).toEqual({ 'x-request-id': context.id, 'x-content-type-options': 'nosniff' });
    expect(isUuid(context.id) && context.id[14] === '7').toBe(true);
  });
});

import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { OrielError, type ErrorKind, type Fault } from '../errors.js';

/** A problem as RFC 9457 writes it, with our members `code` and `errors`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  errors?: readonly Fault[];
  /** What is wrong in one text, for clients of other protocols. */
  error?: string;
}

const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  badParameter: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  notAcceptable: 406,
  requestTimeout: 408,
  conflict: 409,
  tooLarge: 413,
  uriTooLong: 414,
  unsupportedMediaType: 415,
  invalid: 422,
  tooMany: 429,
  headersTooLarge: 431,
  internal: 500,
  notImplemented: 501,
  unavailable: 503,
  httpVersion: 505,
};

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

export function statusOf(error: OrielError): number {
  return STATUS[error.kind];
}

/** Whether the clients of an address read the member `error`: those of the Open Inference Protocol, TF Serving and MLflow. */
export function wantsErrorMember(url: string): boolean {
  const path = url.split('?', 1)[0] as string;
  return /^\/v2(\/|$)/.test(path) || /:predict\/?$/.test(path) || /\/invocations\/?$/.test(path);
}

/** @param requestId id of the record of the request, which the problem names as its instance @param url what was asked */
export function toProblem(error: OrielError, requestId: string, url = ''): Problem {
  const status = statusOf(error);
  const problem: Problem = {
    type: `urn:oriel:problem:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    instance: `/v1/audit/requests/${requestId}`,
    code: error.code,
  };
  if (error.faults.length > 0) problem.errors = error.faults;
  if (wantsErrorMember(url)) problem.error = inOneText(error);
  return problem;
}

/** Most faults that one text names. */
const TEXT_FAULTS = 5;

function inOneText({ message, faults }: OrielError): string {
  const named = faults.slice(0, TEXT_FAULTS).map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
  return named.length === 0 ? message : `${message} ${named.join('; ')}`;
}

/** Says in our own words what Fastify, Nest or Node found wrong with a request; their texts never reach a caller. */
export function toOrielError(thrown: unknown, bodyLimit: number): OrielError {
  if (thrown instanceof OrielError) return thrown;
  const origin = thrown instanceof HttpException ? thrown.cause : thrown; // Nest wraps what Fastify throws
  const code = (origin as { code?: unknown } | null | undefined)?.code;
  if (typeof code === 'string') {
    const known = fromCode(code, bodyLimit, origin);
    if (known) return known;
  }
  const status = thrown instanceof HttpException ? thrown.getStatus() : 500;
  if (status === 404) return unknownRoute();
  if (status >= 400 && status < 500)
    return new OrielError('malformed', 'malformed-request', 'The request cannot be understood.', {
      cause: thrown,
    });
  if (status === 503)
    return new OrielError('unavailable', 'unavailable', 'The service cannot answer now.', { cause: thrown });
  return new OrielError(
    'internal',
    'internal',
    'The server failed to answer; the record of this request says when.',
    {
      cause: thrown,
    },
  );
}

export function bodyTooLarge(limit: number): OrielError {
  const detail = `The body is longer than ${limit} bytes (ORIEL_BODY_LIMIT).`;
  return new OrielError('tooLarge', 'body-too-large', detail);
}

export function unknownRoute(): OrielError {
  return new OrielError('notFound', 'unknown-route', 'There is nothing at this address.');
}

function fromCode(code: string, bodyLimit: number, cause: unknown): OrielError | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge(bodyLimit);
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return new OrielError(
        'malformed',
        'missing-content-type',
        'The request must say what its body is: "Content-Type: application/json".',
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new OrielError(
        'malformed',
        'incomplete-body',
        'The body is not as long as Content-Length says.',
      );
    case 'Z_DATA_ERROR':
    case 'Z_BUF_ERROR':
      return new OrielError(
        'malformed',
        'malformed-encoding',
        'The body is not in the encoding that Content-Encoding says.',
      );
    case 'FST_ERR_BAD_URL':
      return new OrielError('malformed', 'malformed-url', 'The address has a wrong percent-encoding.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new OrielError('uriTooLong', 'url-too-long', 'A part of the address is too long.');
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return new OrielError('malformed', 'aborted', 'The client went away before its request was complete.', {
        cause,
      });
    default:
      return undefined;
  }
}

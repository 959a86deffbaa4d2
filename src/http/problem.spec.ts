import {
  BadRequestException,
  HttpException,
  InternalServerErrorException,
  NotFoundException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { OrielError, type ErrorKind } from '../errors.js';
import { statusOf, toOrielError, toProblem } from './problem.js';

const ID = '0198c0de-0000-7000-8000-000000000001';
const SECRET = 'at /srv/oriel/secret.ts:12 with password hunter2';
const coded = (code: string): Error => Object.assign(new Error(SECRET), { code });

describe('toProblem', () => {
  it('says what RFC 9457 asks for, the code and the faults', () => {
    const faults = [{ pointer: '/RM', detail: 'must be a number' }];
    expect(
      toProblem(new OrielError('invalid', 'invalid-input', 'One value is wrong.', { faults }), ID),
    ).toEqual({
      type: 'urn:oriel:problem:invalid-input',
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'One value is wrong.',
      instance: `/v1/audit/requests/${ID}`,
      code: 'invalid-input',
      errors: faults,
    });
    expect(toProblem(new OrielError('notFound', 'x', 'y'), ID)).not.toHaveProperty('errors');
  });

  it.each<[ErrorKind, number]>([
    ['malformed', 400], ['badParameter', 400], ['notFound', 404], ['methodNotAllowed', 405], ['notAcceptable', 406],
    ['requestTimeout', 408], ['conflict', 409], ['tooLarge', 413], ['uriTooLong', 414], ['unsupportedMediaType', 415],
    ['invalid', 422], ['tooMany', 429], ['headersTooLarge', 431], ['internal', 500], ['unavailable', 503],
  ])('answers %s with %d', (kind, status) => {
    expect(statusOf(new OrielError(kind, 'x', 'y'))).toBe(status);
  }); // prettier-ignore
});

describe('toOrielError', () => {
  it('leaves our own errors as they are', () => {
    const error = new OrielError('conflict', 'x', 'y');
    expect(toOrielError(error, 1)).toBe(error);
  });

  it.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'body-too-large'],
    ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400, 'incomplete-body'],
    ['Z_DATA_ERROR', 400, 'malformed-encoding'],
    ['Z_BUF_ERROR', 400, 'malformed-encoding'],
    ['FST_ERR_BAD_URL', 400, 'malformed-url'],
    ['FST_ERR_MAX_PARAM_LENGTH', 414, 'url-too-long'],
    ['ECONNRESET', 400, 'aborted'],
    ['SQLITE_IOERR', 500, 'internal'],
  ])('turns %s into %d %s, also when Nest has wrapped it', (native, status, code) => {
    const wrapped = new HttpException(SECRET, 400, { cause: coded(native) });
    for (const thrown of native.startsWith('SQLITE') ? [coded(native)] : [coded(native), wrapped]) {
      const problem = toProblem(toOrielError(thrown, 4096), ID);
      expect(problem).toMatchObject({ status, code });
      expect(JSON.stringify(problem)).not.toMatch(/hunter2|secret\.ts/);
    }
  });

  it('names the limit that a body broke', () => {
    expect(toOrielError(coded('FST_ERR_CTP_BODY_TOO_LARGE'), 4096).message).toMatch(
      /4096 bytes \(ORIEL_BODY_LIMIT\)/,
    );
  });

  it.each([
    [new NotFoundException(SECRET), 404, 'unknown-route'],
    [new ServiceUnavailableException(SECRET), 503, 'unavailable'],
    [new InternalServerErrorException(SECRET), 500, 'internal'],
    [new Error(SECRET), 500, 'internal'],
    [SECRET, 500, 'internal'],
    [undefined, 500, 'internal'],
    [null, 500, 'internal'],
  ])('keeps the text of %p to itself', (thrown, status, code) => {
    const error = toOrielError(thrown, 1);
    const problem = toProblem(error, ID);
    expect(problem).toMatchObject({ status, code });
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|secret\.ts/);
  });

  it('keeps the cause for the log', () => {
    const cause = new Error(SECRET);
    expect(toOrielError(cause, 1).cause).toBe(cause);
  });

  it('does not call a bad request a fault of the server', () => {
    expect(statusOf(toOrielError(new BadRequestException(SECRET), 1))).toBe(400);
  });
});

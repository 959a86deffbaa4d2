import type { IncomingMessage } from 'node:http';
import type { Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';

export type HeadLimits = Pick<Settings, 'urlLimit' | 'parameters' | 'headers' | 'headerLimit'>;

/** As RFC 3986, section 3.2, writes a host and its port; none at all is allowed. */
const HOST = /^[\w.~!$&'()*+,;=%[\]:-]*$/;

/**
 * Holds the head of a request against its limits, and against what RFC 9112 has for requests that two readers could take
 * differently: those are refused, and nothing else is read on their connection.
 * @throws OrielError `http-version`, `unknown-transfer-coding`, `malformed-request`, `missing-host`, `url-too-long`,
 *   `too-many-parameters`, `too-many-headers`, `headers-too-large`
 */
export function checkHead(request: IncomingMessage, limits: HeadLimits): void {
  checkVersion(request);
  checkAddress(request.url ?? '', limits);
  checkHeaders(request.rawHeaders, limits);
  const { host } = request.headers;
  if (host === undefined) {
    if (request.httpVersion === '1.1')
      throw new OrielError('malformed', 'missing-host', 'The request has no header "Host".');
  } else if (!HOST.test(host)) throw malformed('The header "Host" names no host.');
}

function checkVersion({ httpVersion, headers }: IncomingMessage): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    throw new OrielError('httpVersion', 'http-version', 'Requests are taken in HTTP/1.1 and HTTP/1.0.');
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  if (httpVersion === '1.0') throw malformed('HTTP/1.0 has no "Transfer-Encoding".');
  // One that does not end with chunked is refused by the parser, as it begins with the body.
  if (/,\s*chunked$/i.test(coding))
    throw new OrielError(
      'notImplemented',
      'unknown-transfer-coding',
      'The only "Transfer-Encoding" that is taken is chunked.',
    );
}

function checkAddress(url: string, { urlLimit, parameters }: HeadLimits): void {
  if (url.length > urlLimit) throw urlTooLong(urlLimit);
  if (url.length < 2 * parameters) return; // too short for so many
  let count = 1;
  for (let at = url.indexOf('&'); at >= 0; at = url.indexOf('&', at + 1)) count++;
  if (count <= parameters) return;
  const detail = `The address has more than ${parameters} query parameters (ORIEL_PARAMETERS).`;
  throw new OrielError('uriTooLong', 'too-many-parameters', detail);
}

/** @param raw names and values by turns */
function checkHeaders(raw: readonly string[], { headers, headerLimit }: HeadLimits): void {
  if (raw.length > 2 * headers) {
    const detail = `The request has more than ${headers} headers (ORIEL_HEADERS).`;
    throw new OrielError('headersTooLarge', 'too-many-headers', detail);
  }
  let size = 0;
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    size += name.length + (raw[at + 1] as string).length;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (size > headerLimit) throw headersTooLarge(headerLimit);
  if (hosts > 1) throw malformed('The request has more than one header "Host".');
}

export function headersTooLarge(limit: number): OrielError {
  const detail = `The headers of the request have more than ${limit} bytes (ORIEL_HEADER_LIMIT).`;
  return new OrielError('headersTooLarge', 'headers-too-large', detail);
}

export function urlTooLong(limit: number): OrielError {
  const detail = `The address of the request is longer than ${limit} bytes (ORIEL_URL_LIMIT).`;
  return new OrielError('uriTooLong', 'url-too-long', detail);
}

/**
 * The address of a request as routes know it: a proxy's form, with scheme and host (RFC 9112, section 3.2.2), without these. Node
 * gives it as it came.
 */
export function originForm({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  if (url.startsWith('/')) return url;
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1];
  if (rest === undefined) return url;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function malformed(detail: string): OrielError {
  return new OrielError('malformed', 'malformed-request', detail);
}

/** What every answer must be, whatever was asked. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCsv } from '../../src/prediction/csv/csv.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** Whether it broke off before its end. */
  cut: boolean;
}

/** Words of our own code, of the engine, of libraries and of the machine: none may reach a client. */
const INTERNAL =
  /\bat [^\s]+ \(|\.(js|ts|cc|cpp|h):\d+|node_modules|\/dist\/|\/src\/|\/home\/|\/tmp\/|SQLITE|better-sqlite|typeorm|QueryFailed|onnxruntime|onnx::|\bOrt[A-Z]|std::|Cannot read prop|Cannot destructure|is not a function|is not iterable|undefined is not|Maximum call stack|(Type|Range|Reference|Syntax)Error|FST_ERR|ERR_[A-Z]+|ENOENT|EACCES|\[object Object\]/;

/** 503 is an answer only where the house is full or a model cannot be asked. */
const BUSY = new Set([
  'queue-full', 'deadline-exceeded', 'model-failed', 'model-loading', 'model-unloaded', 'exports-busy', 'bulk-busy', 'readers-busy',
  'live-full', 'journal-full',
]); // prettier-ignore

/** @returns what is wrong with an answer, as a sentence; undefined where nothing is */
export function faultOf(method: string, { status, headers, bytes, cut }: Answer): string | undefined {
  const text = bytes.toString();
  const type = headers['content-type'] ?? '';
  if (cut)
    return /stopped at line/.test(text) && type.startsWith('text/csv') ? undefined : 'the answer broke off';
  if (status >= 500 && status !== 503) return `status ${status}: ${text.slice(0, 300)}`;
  if (status >= 400) return problemFault(method, status, type, text);
  if (method === 'HEAD' || status === 204 || status === 304 || bytes.length === 0) return undefined;
  return contentFault(type, headers, bytes);
}

function problemFault(method: string, status: number, type: string, text: string): string | undefined {
  const leak = INTERNAL.exec(text);
  if (leak) return `internal text "${leak[0]}": ${text.slice(0, 300)}`;
  if (method === 'HEAD') return undefined;
  if (!type.startsWith('application/problem+json'))
    return `status ${status} without a problem: ${type} ${text.slice(0, 100)}`;
  const problem = JSON.parse(text) as Record<string, unknown>;
  const wrong = ['type', 'title', 'detail', 'instance', 'code'].find(
    (name) => typeof problem[name] !== 'string',
  );
  if (wrong !== undefined) return `a problem without ${wrong}: ${text.slice(0, 300)}`;
  if (problem.status !== status) return `status ${status} with a problem of ${String(problem.status)}`;
  if (status === 503 && !BUSY.has(String(problem.code))) return `503 ${String(problem.code)}`;
  return undefined;
}

function contentFault(type: string, headers: IncomingHttpHeaders, bytes: Buffer): string | undefined {
  if (headers['content-encoding'] !== undefined) return undefined; // packed: whoever unpacks it finds the same
  const head = headers['inference-header-content-length'];
  const text = (head === undefined ? bytes : bytes.subarray(0, Number(head))).toString();
  try {
    if (head !== undefined || /[/+]json/.test(type)) JSON.parse(text);
    else if (type.startsWith('application/x-ndjson'))
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
    if (type.startsWith('text/csv')) {
      const widths = new Set(parseCsv(text).map((row) => row.length));
      if (widths.size > 1) return `CSV whose rows differ in length: ${text.slice(0, 200)}`;
    }
  } catch (error) {
    return `${type} that cannot be read (${String(error)}): ${text.slice(0, 200)}`;
  }
  return undefined;
}

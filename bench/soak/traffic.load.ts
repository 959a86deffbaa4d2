/**
 * Mixed traffic, a process of its own: requests are sent when they are due, whatever became of others. Every answer is held against
 * what it should be; what is not so is counted, and the first of each kind is told.
 */
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { STREAM, TRAFFIC, type Kind } from './traffic.js';

export interface TrafficJob {
  address: string;
  requestsPerSecond: number;
}

/** What came since the last telling. */
export interface Told {
  answers: number;
  events: number;
  errors: number;
  p50: number;
  p99: number;
  /** The first errors, in words. */
  examples: string[];
}

const CONNECTIONS = 256;
/** Most requests under way: beyond it they wait, and their latency runs on. */
const UNDER_WAY = 2000;
const TICK = 2;
const EXAMPLES = 5;
/** A prime, so that all kinds take their turns, well mixed. */
const STRIDE = 197;

class Traffic {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  private readonly latencies: RecordableHistogram = createHistogram();
  private told: Told = nothing();
  private sent = 0;
  private underWay = 0;
  private number = 0;
  /** Of the last good answer of the question that is asked conditionally. */
  private tag = '';
  private readonly url: URL;
  private readonly kinds: Kind[];

  constructor(private readonly job: TrafficJob) {
    this.url = new URL(job.address);
    this.kinds = TRAFFIC.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
  }

  start(): void {
    this.watch();
    const begin = performance.now();
    setInterval(() => {
      const due = Math.floor(((performance.now() - begin) / 1000) * this.job.requestsPerSecond);
      while (this.sent < due && this.underWay < UNDER_WAY)
        this.send(begin + (++this.sent / this.job.requestsPerSecond) * 1000);
    }, TICK);
  }

  take(): Told {
    const { told, latencies } = this;
    this.told = nothing();
    const whole = { ...told, p50: latencies.percentile(50) / 1000, p99: latencies.percentile(99) / 1000 };
    latencies.reset();
    return whole;
  }

  /** A live reader for as long as it lasts; it must not end. */
  private watch(): void {
    get(`${this.job.address}/v1/streams/${STREAM}/live`, (answer) => {
      if (answer.statusCode !== 200) this.wrong(`live: ${answer.statusCode}`);
      answer.resume();
      answer.on('close', () => this.wrong('live: it ended'));
    }).on('error', (error) => this.wrong(`live: ${error.message}`));
  }

  private send(due: number): void {
    const kind = this.kinds[(this.number++ * STRIDE) % this.kinds.length] as Kind;
    const { method, path, type, body, expect } = kind.make(this.number, Date.now());
    this.underWay++;
    const tag = kind.conditional ? this.tag : '';
    const asked = request({
      agent: this.agent,
      host: this.url.hostname,
      port: this.url.port,
      method,
      path,
      headers: {
        ...(type && { 'content-type': type }),
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        ...(tag && { 'if-none-match': tag }),
      },
    });
    let over = false;
    const end = (fault: string | null): void => {
      if (over) return;
      over = true;
      this.underWay--;
      if (fault !== null) return this.wrong(`${kind.name}: ${fault}`);
      this.told.answers++;
      this.told.events += kind.events ?? 0;
      if (kind.timed) this.latencies.record(Math.max(1, Math.round((performance.now() - due) * 1000)));
    };
    asked.on('response', (answer) => this.read(answer, kind, tag ? 304 : expect, end));
    asked.on('error', (error) => end(error.message));
    asked.end(body);
  }

  private read(
    answer: IncomingMessage,
    kind: Kind,
    expect: number,
    end: (fault: string | null) => void,
  ): void {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', (error) => end(error.message));
    answer.on('end', () => {
      if (kind.conditional && answer.headers.etag) this.tag ||= answer.headers.etag;
      const told = Buffer.concat(chunks).toString('utf8', 0, 300);
      end(answer.statusCode === expect ? null : `${answer.statusCode} in place of ${expect}: ${told}`);
    });
  }

  private wrong(what: string): void {
    this.told.errors++;
    if (this.told.examples.length < EXAMPLES) this.told.examples.push(what);
  }
}

function nothing(): Told {
  return { answers: 0, events: 0, errors: 0, p50: 0, p99: 0, examples: [] };
}

let traffic: Traffic | undefined;
process.on('message', (job: TrafficJob | { tell: true }) => {
  if ('tell' in job) process.send?.(traffic?.take());
  else {
    traffic = new Traffic(job);
    traffic.start();
    process.send?.('started');
  }
});

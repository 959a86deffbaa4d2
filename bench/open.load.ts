/**
 * The open-loop load generator, a process of its own: a request is sent when it is due, whether or not earlier ones were
 * answered, and its latency counts from that moment, so that a slow server cannot hide by slowing its callers down.
 * autocannon's `overallRate` is no such thing: it sends each second's requests in one closed-loop burst.
 */
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import type { OpenLoad } from './measured.js';
import { BODY, PATH } from './question.js';

export interface OpenJob {
  address: string;
  requestsPerSecond: number;
  seconds: number;
}

/** Most requests under way at once; more wait in the generator, and their latency runs on. */
const CONNECTIONS = 256;
/** How long the last answers are waited for after the last request, ms. */
const PATIENCE = 5000;
const OK = 'HTTP/1.1 200';
const HEAD_END = '\r\n\r\n';

/** A keep-alive connection with at most one request under way. */
class Caller {
  private readonly socket: Socket;
  private due: number | undefined;
  private received = '';

  constructor(
    url: URL,
    private readonly request: string,
    private readonly onFree: (caller: Caller) => void,
    private readonly onAnswer: (ok: boolean, due: number) => void,
  ) {
    this.socket = connect(Number(url.port), url.hostname, () => onFree(this));
    this.socket.setNoDelay(true).setEncoding('latin1');
    this.socket.on('data', (chunk: string) => this.read(chunk));
    this.socket.on('error', () => undefined); // whatever was under way stays unanswered, and is counted so
  }

  send(due: number): void {
    this.due = due;
    this.socket.write(this.request);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: string): void {
    this.received += chunk;
    const head = this.received.indexOf(HEAD_END);
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.received.slice(0, head))?.[1]);
    if (!(this.received.length >= head + HEAD_END.length + length) || this.due === undefined) return;
    const ok = this.received.startsWith(OK);
    const due = this.due;
    this.received = '';
    this.due = undefined;
    this.onAnswer(ok, due);
    this.onFree(this);
  }
}

/** Sends what is due, on time or as soon as a connection is free. */
class Pace {
  readonly latencies = createHistogram();
  readonly gaps = createHistogram();
  answered = 0;
  ok = 0;
  private sent = 0;
  private readonly free: Caller[] = [];
  private readonly callers: Caller[] = [];
  private begin = 0;

  constructor(
    private readonly job: OpenJob,
    private readonly total: number,
  ) {}

  async run(): Promise<void> {
    this.open();
    const opened = performance.now() + PATIENCE;
    while (this.free.length < CONNECTIONS) {
      if (performance.now() > opened) throw new Error(`${this.job.address} does not take connections`);
      await sleep(1);
    }
    this.begin = performance.now();
    const end = this.begin + this.job.seconds * 1000 + PATIENCE;
    for (let looked = this.begin, now = looked; this.answered < this.total && now < end; looked = now) {
      await sleep(1);
      now = performance.now();
      this.gaps.record(micros(now - looked));
      this.sendDue();
    }
    for (const caller of this.callers) caller.close();
  }

  private open(): void {
    const url = new URL(this.job.address);
    const request =
      `POST ${PATH} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`;
    const onFree = (caller: Caller): void => {
      this.free.push(caller);
      this.sendOverdue();
    };
    for (let i = 0; i < CONNECTIONS; i++) {
      this.callers.push(new Caller(url, request, onFree, (ok, due) => this.count(ok, due)));
    }
  }

  private dueBy(now: number): number {
    return Math.min(this.total, Math.floor(((now - this.begin) / 1000) * this.job.requestsPerSecond));
  }

  private sendDue(): void {
    const dueBy = this.dueBy(performance.now());
    for (let caller; this.sent < dueBy && (caller = this.free.pop()); this.sent++) {
      const due = this.begin + ((this.sent + 1) / this.job.requestsPerSecond) * 1000;
      caller.send(due);
    }
  }

  private sendOverdue(): void {
    if (this.begin > 0 && this.free.length === 1) this.sendDue(); // all were busy: something may be waiting
  }

  private count(ok: boolean, due: number): void {
    this.answered += 1;
    if (!ok) return;
    this.ok += 1;
    this.latencies.record(micros(performance.now() - due));
  }
}

const micros = (milliseconds: number): number => Math.max(1, Math.round(milliseconds * 1000));
const sleep = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds));

async function drive(job: OpenJob): Promise<OpenLoad> {
  const total = Math.round(job.requestsPerSecond * job.seconds);
  const pace = new Pace(job, total);
  const before = process.cpuUsage();
  const begin = performance.now();
  await pace.run();
  const used = process.cpuUsage(before);
  return {
    offered: total,
    lost: total - pace.ok,
    p50: pace.latencies.percentile(50) / 1000,
    p99: pace.latencies.percentile(99) / 1000,
    max: pace.latencies.max / 1000,
    generatorLag: pace.gaps.percentile(99) / 1000,
    generatorLoad: (used.user + used.system) / 1000 / (performance.now() - begin),
  };
}

process.on('message', (job: OpenJob) => {
  drive(job).then(
    (load) => process.send?.(load),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

import { bytesToUuid } from '../../src/audit/id.js';
import type { Outcome, RecordTuple } from '../../src/audit/record.js';

export interface TrafficOptions {
  records: number;
  /** Epoch milliseconds of the first and of the last arrival. */
  from: number;
  to: number;
  seed: number;
}

const ROUTE = '/v1/models/:model/predict';
const VERSION_ROUTE = '/v1/models/:model/versions/:version/predict';
const AGENTS = [
  'okhttp/4.12.0',
  'Dart/3.5 (dart:io)',
  'CFNetwork/1498 Darwin/23.6.0',
  'python-requests/2.32.3',
];
const MODELS = ['boston-housing', 'fraud', 'ranking', 'churn', 'demand'];
const FEATURES = [
  'crim', 'zn', 'indus', 'chas', 'nox', 'rm', 'age', 'dis', 'rad', 'tax', 'ptratio', 'b', 'lstat',
]; // prettier-ignore
/** One request in so many is refused. */
const REFUSED = 50;

/** Requests as an app's users make them, evenly spread over a time: most to one model, a few refused, latencies with a long tail. */
export class Traffic {
  private state: number;

  constructor(private readonly options: TrafficOptions) {
    this.state = options.seed >>> 0 || 1;
  }

  *records(): Generator<{ tuple: RecordTuple; completed: number }> {
    const { records, from, to } = this.options;
    for (let i = 0; i < records; i++) {
      const at = Math.floor(from + ((to - from) * i) / records);
      const us = Math.round(Math.exp(7 + 1.1 * this.normal()));
      yield { tuple: this.record(at, us), completed: at + Math.ceil(us / 1000) };
    }
  }

  private record(at: number, totalUs: number): RecordTuple {
    const model = this.random() < 0.6 ? (MODELS[0] as string) : (MODELS[this.below(MODELS.length)] as string);
    const refused = this.below(REFUSED) === 0;
    const outcome: Outcome = refused ? 'clientError' : 'ok';
    const version = String(1 + this.below(2));
    const input = `{${FEATURES.map((name) => `"${name}":${this.below(100_000) / 1000}`).join(',')}}`;
    const output = refused ? null : `{"prediction":[${this.below(50_000_000) / 1_000_000}]}`;
    return [
      this.id(at),
      'POST',
      model === MODELS[0] ? ROUTE : VERSION_ROUTE,
      `/v1/models/${model}${model === MODELS[0] ? '' : `/versions/${version}`}/predict`,
      refused ? 422 : 200,
      outcome,
      refused ? 'invalid-input' : null,
      `app-${this.below(20)}`,
      `10.${this.below(4)}.${this.below(250)}.7`,
      AGENTS[this.below(AGENTS.length)] as string,
      null,
      null,
      totalUs,
      refused ? null : Math.round(totalUs * 0.3),
      refused ? null : Math.round(totalUs * 0.4),
      model,
      version,
      `sha256:${model}-${version}`,
      refused ? null : 1 + this.below(8),
      null,
      input,
      output,
      null,
      null,
    ];
  }

  /** A UUIDv7 (RFC 9562) of an arrival. */
  private id(at: number): string {
    const bytes = Buffer.alloc(16);
    for (let i = 4; i < 16; i += 4) bytes.writeUInt32BE(this.next(), i);
    bytes.writeUIntBE(at, 0, 6);
    bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
    bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
    return bytesToUuid(bytes);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** Of a standard normal distribution, by Box and Muller. */
  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }

  private random(): number {
    return this.next() / 2 ** 32;
  }

  /** xorshift32 (Marsaglia, 2003). */
  private next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }
}

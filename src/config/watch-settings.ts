import { isHttpUrl } from './addresses.js';
import { amount, bytes, duration, integer, oneOf, refined, setting } from './setting.js';

/** When health is only degraded, where traces go, and what is logged. */
export const WATCH_SETTINGS = {
  minFreeDisk: setting(
    'ORIEL_MIN_FREE_DISK',
    '256MiB',
    bytes(),
    'Bytes that should be free where `ORIEL_DATA` is; with fewer, `/health` says `degraded`.',
  ),
  maxLoopDelay: setting(
    'ORIEL_MAX_LOOP_DELAY',
    '250ms',
    duration(),
    'Longest that the event loop should be late (99th percentile of the last seconds); beyond it `/health` says `degraded`.',
  ),
  otlpEndpoint: setting(
    'ORIEL_OTLP_ENDPOINT',
    '',
    refined(
      (value) => (value === '' || isHttpUrl(value) ? value : undefined),
      'must be http://… or https://…',
    ),
    'Collector that traces are sent to (OTLP over HTTP), without the path `/v1/traces`; `OTEL_EXPORTER_OTLP_ENDPOINT` says the same.',
    'none',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
  ),
  traceRatio: setting(
    'ORIEL_TRACE_RATIO',
    '0.01',
    amount().refine((ratio) => ratio <= 1, 'must be from 0 to 1'),
    'Share of requests that are traced, of those whose `traceparent` does not say whether they are.',
  ),
  traceQueue: setting(
    'ORIEL_TRACE_QUEUE',
    '4096',
    integer(1, 1_000_000),
    'Most spans that wait for the collector; beyond it they are dropped and counted.',
  ),
  logLevel: setting(
    'ORIEL_LOG_LEVEL',
    'info',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace'),
    'Least severe level that is logged.',
  ),
} as const;

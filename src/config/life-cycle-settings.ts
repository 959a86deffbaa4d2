import { duration, integer, setting } from './setting.js';

/** How threads are replaced, and how the process ends. */
export const LIFE_CYCLE_SETTINGS = {
  threadRestarts: setting(
    'ORIEL_THREAD_RESTARTS',
    '10',
    integer(0, 1000),
    'Most deaths of a thread within a minute that are made good by another; after that readiness and liveness fail (of threads that only read, their queries).',
  ),
  shutdownDelay: setting(
    'ORIEL_SHUTDOWN_DELAY',
    '250ms',
    duration(),
    'How long, after SIGTERM, readiness already fails while requests are still taken.',
  ),
  shutdownTimeout: setting(
    'ORIEL_SHUTDOWN_TIMEOUT',
    '30s',
    duration(),
    'How long, after SIGTERM and the delay, requests in flight may take; then their connections are cut off.',
  ),
  flushTimeout: setting(
    'ORIEL_FLUSH_TIMEOUT',
    '5s',
    duration(),
    'How long, after connections were cut off or an error that nobody caught, the journal and the threads may take to end; then the process leaves without them.',
  ),
} as const;

import { resolve } from 'node:path';
import { z } from 'zod';
import { ACCESS_SETTINGS } from './access-settings.js';
import { isRedisUrl } from './addresses.js';
import { usableCpus } from './cpus.js';
import { LIFE_CYCLE_SETTINGS } from './life-cycle-settings.js';
import { LIMITS } from './limits.js';
import { memoryForLoading } from './memory.js';
import {
  age,
  amount,
  bytes,
  cap,
  duration,
  flag,
  integer,
  oneOf,
  path,
  refined,
  setting,
  text,
} from './setting.js';
import { WATCH_SETTINGS } from './watch-settings.js';

/** Every setting of Oriel. The README's table, the checks at start and the types all come from here. */
export const SETTINGS_SCHEMA = {
  host: setting('ORIEL_HOST', '127.0.0.1', text(), 'Address to listen on.'),
  port: setting(
    'ORIEL_PORT',
    '8000',
    integer(0, 65535),
    'Port to listen on; 0 takes any free one and prints it.',
  ),
  modelsDir: setting(
    'ORIEL_MODELS',
    './models',
    path(),
    'Directory of the models, `<name>/<version>/model.onnx`.',
  ),
  modelName: setting(
    'ORIEL_MODEL_NAME',
    '',
    refined(
      (value) => (value === '' || /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(value) ? value : undefined),
      'must be letters, digits, ".", "_" and "-", and not begin with "." or "-"',
    ),
    'Serve `ORIEL_MODELS` as one model of this name: the directory holds `model.onnx` itself, or its only `.onnx`, or `<version>/model.onnx`.',
    'none',
  ),
  modelsPoll: setting(
    'ORIEL_MODELS_POLL',
    '500ms',
    duration(),
    'How often the models directory is looked at for new, changed and removed versions; 0 never.',
  ),
  dataDir: setting(
    'ORIEL_DATA',
    './data',
    path(),
    'Directory of `oriel.db` and its companions; one process owns it.',
  ),
  audit: setting(
    'ORIEL_AUDIT',
    'strict',
    oneOf('strict', 'buffered'),
    '`strict`: an answer is on disk before it is sent. `buffered`: it does not wait, and a crash may lose the newest.',
  ),
  auditBuffer: setting(
    'ORIEL_AUDIT_BUFFER',
    '64MiB',
    bytes(),
    'Most bytes of records that may wait for the disk. Beyond it: 503 in strict mode, a counted loss in buffered mode.',
  ),
  auditPayloadLimit: setting(
    'ORIEL_AUDIT_PAYLOAD_LIMIT',
    '64KiB',
    bytes(),
    'Most characters of an input or an output that a record keeps; a longer one is cut, and says so.',
  ),
  outcomes: setting('ORIEL_OUTCOMES', '10000', integer(1, 1_000_000), 'Most outcomes in one request.'),
  streamEvents: setting(
    'ORIEL_STREAM_EVENTS',
    '100000',
    integer(1, 10_000_000),
    'Most events and marks in one request to a stream that is held whole; NDJSON that is longer than `ORIEL_BODY_LIMIT`, packed or of no stated length is taken as it comes.',
  ),
  liveReaders: setting(
    'ORIEL_LIVE_READERS',
    '1000',
    integer(1, 100_000),
    'Most readers of live windows at once; beyond it 503.',
  ),
  liveReadersEach: setting(
    'ORIEL_LIVE_READERS_EACH',
    '100',
    integer(1, 100_000),
    'Most of them that one caller (without credentials: one address) has at once; beyond it 429.',
  ),
  checkpointEvery: setting(
    'ORIEL_AUDIT_CHECKPOINT',
    '1m',
    duration(),
    'How often the end of the record is signed, into `oriel.checkpoints` and the log; 0 only when the server leaves.',
  ),
  auditPolicy: setting(
    'ORIEL_AUDIT_POLICY',
    '',
    z.string().transform((value) => (value === '' ? '' : resolve(value))),
    'JSON file of the rules that say of which requests how much is kept (see The record).',
    'probes, metrics and documentation leave no record, all else is kept whole',
  ),
  auditRedactLimit: setting(
    'ORIEL_AUDIT_REDACT_LIMIT',
    '1MiB',
    bytes(),
    'Most characters of an input or an output out of which values are taken; of a longer one nothing is kept.',
  ),
  auditKeep: setting(
    'ORIEL_AUDIT_KEEP',
    '0',
    age(),
    'How long records are kept, from their arrival, such as `90d`; 0 for ever. What is held (`/v1/audit/holds`) stays.',
  ),
  auditKeepPayloads: setting(
    'ORIEL_AUDIT_KEEP_PAYLOADS',
    '0',
    age(),
    'How long inputs and outputs are kept; 0 as long as their records.',
  ),
  auditMaxSize: setting(
    'ORIEL_AUDIT_MAX_SIZE',
    '0',
    cap(2 ** 20, 'must be 0 or at least 1MiB'),
    'Most bytes of the database file, its free pages not counted; above it the oldest records go. 0 for no limit.',
  ),
  auditMaxPayloads: setting(
    'ORIEL_AUDIT_MAX_PAYLOADS',
    '0',
    cap(2 ** 16, 'must be 0 or at least 64KiB'),
    'Most bytes of inputs and outputs together; above it the oldest go, and their records stay. 0 for no limit.',
  ),
  ...LIMITS,
  inferenceThreads: setting(
    'ORIEL_INFERENCE_THREADS',
    String(Math.max(1, usableCpus() - 1)),
    integer(1, 256),
    'Threads that run models.',
    'usable CPUs − 1, at least 1',
  ),
  intraOpThreads: setting(
    'ORIEL_INTRA_OP_THREADS',
    '0',
    integer(0, 256),
    'CPUs that one run of a model is divided among; 0 finds out for each model as it is loaded: one, or all where that is clearly faster.',
  ),
  loadProbe: setting(
    'ORIEL_LOAD_PROBE',
    'true',
    flag(),
    'Whether a model file that was never loaded before is first loaded and tried in a process of its own, so that one that crashes the runtime harms nobody.',
  ),
  loadTimeout: setting(
    'ORIEL_LOAD_TIMEOUT',
    '1m',
    duration(),
    'How long that process may take to load a model and have it answer its example; then the model is refused.',
  ),
  loadMemory: setting(
    'ORIEL_LOAD_MEMORY',
    String(memoryForLoading()),
    bytes(),
    'Most bytes of memory that this may take.',
    'half of the memory there is, divided among the inference threads',
  ),
  modelColumns: setting(
    'ORIEL_MODEL_COLUMNS',
    '20000',
    integer(1, 10_000_000),
    'Most inputs and outputs, and most columns of a table, that a model may have.',
  ),
  recycleAfter: setting(
    'ORIEL_RECYCLE_AFTER',
    '5m',
    duration(),
    'How long an inference thread that let models go must be idle before a fresh one, with memory of its own, takes its place; 0 never.',
  ),
  maxBatch: setting(
    'ORIEL_BATCH_ROWS',
    '128',
    integer(1, 1_000_000),
    'Most rows that go through a model at once.',
  ),
  maxQueue: setting(
    'ORIEL_QUEUE_ROWS',
    '2048',
    integer(1, 10_000_000),
    'Most rows that may wait for a model; beyond it 503. A longer single request is taken while nothing waits.',
  ),
  deadline: setting(
    'ORIEL_DEADLINE',
    '5s',
    duration(),
    'How long a question waits for its model where neither the caller (`Request-Timeout`) nor `model.json` says; then 503.',
  ),
  cacheBytes: setting(
    'ORIEL_CACHE',
    '0',
    bytes(),
    'Most bytes of results that the server keeps for the same question; 0 keeps none.',
  ),
  cacheUrl: setting(
    'ORIEL_CACHE_URL',
    '',
    refined(
      (value) => (value === '' || isRedisUrl(value) ? value : undefined),
      'must be redis://… or rediss://…',
    ),
    'Redis that keeps results, shared with other servers and over restarts, instead of memory: `redis://host:6379`. Its own `maxmemory` and eviction policy bound it.',
    'none',
  ),
  cacheTtl: setting(
    'ORIEL_CACHE_TTL',
    '1h',
    duration().refine((ms) => ms > 0, 'must be longer than 0'),
    'How long the Redis of `ORIEL_CACHE_URL` keeps a result.',
  ),
  cacheTimeout: setting(
    'ORIEL_CACHE_TIMEOUT',
    '50ms',
    duration().refine((ms) => ms > 0, 'must be longer than 0'),
    'Longest that a question waits for that Redis; then it is asked as if nothing were kept, and the Redis left alone for a second.',
  ),
  readerThreads: setting(
    'ORIEL_READER_THREADS',
    '1',
    integer(1, 64),
    'Threads that answer queries of the record.',
  ),
  exports: setting(
    'ORIEL_EXPORTS',
    '2',
    integer(1, 64),
    'Most exports and verifications of the record at once, each in a thread of its own; beyond it 503.',
  ),
  readerQueue: setting(
    'ORIEL_READER_QUEUE',
    '256',
    integer(1, 100_000),
    'Most queries of the record that may wait for a thread; beyond it 503.',
  ),
  cpuPrice: setting(
    'ORIEL_CPU_PRICE',
    '0.04',
    amount(),
    'Price of a CPU hour, in whatever currency: what a million predictions cost (stream `predictions`) is told in it.',
  ),
  ...LIFE_CYCLE_SETTINGS,
  ...ACCESS_SETTINGS,
  ...WATCH_SETTINGS,
} as const;

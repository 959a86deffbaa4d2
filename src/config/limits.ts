import { bytes, duration, integer, setting } from './setting.js';

/** What one request and one connection may take: part of the settings. docs/limits.md says what is not limited. */
export const LIMITS = {
  bodyLimit: setting(
    'ORIEL_BODY_LIMIT',
    '16MiB',
    bytes().refine((size) => size > 0, 'must be at least 1 byte'),
    'Largest request body that is held whole; a longer one is refused (413).',
  ),
  bodyMemory: setting(
    'ORIEL_BODY_MEMORY',
    '256MiB',
    bytes().refine((size) => size >= 65536, 'must be at least 64KiB'),
    'Most bytes of the longer bodies (from 64KiB) that are held whole at once; beyond it 503.',
  ),
  unpackRatio: setting(
    'ORIEL_UNPACK_RATIO',
    '200',
    integer(1, 100_000),
    'Most bytes that a byte of a body in gzip or br may unpack to, after the first 1MiB; beyond it 413.',
  ),
  jsonDepth: setting(
    'ORIEL_JSON_DEPTH',
    '64',
    integer(1, 1000),
    'Deepest nesting of arrays and objects in JSON; a deeper one is not parsed (400).',
  ),
  jsonContainers: setting(
    'ORIEL_JSON_CONTAINERS',
    '1000000',
    integer(1, 2 ** 31 - 1),
    'Most arrays and objects in the JSON of a request; a text of more is not parsed (413).',
  ),
  elements: setting(
    'ORIEL_ELEMENTS',
    '16777216',
    integer(1, 2 ** 31 - 1),
    'Most values that one request puts into a tensor: rows × features, or the product of a shape; beyond it 413.',
  ),
  lineLimit: setting(
    'ORIEL_LINE_LIMIT',
    '1MiB',
    bytes().refine((size) => size > 0, 'must be at least 1 byte'),
    'Longest line, in characters, of a CSV or NDJSON body that is read as it comes; a longer one is named and not answered.',
  ),
  bulkRequests: setting(
    'ORIEL_BULK_REQUESTS',
    '16',
    integer(1, 10_000),
    'Most CSV and NDJSON bodies that are answered at once; beyond it 503.',
  ),
  bulkSpool: setting(
    'ORIEL_BULK_SPOOL',
    '1GiB',
    bytes().refine((size) => size >= 65536, 'must be at least 64KiB'),
    'Most bytes of one bulk answer that wait on disk for a client that is still sending; beyond it the body is read no further.',
  ),
  requestTimeout: setting(
    'ORIEL_REQUEST_TIMEOUT',
    '30s',
    duration(),
    'Longest time in which a client must have sent its whole request (408); for CSV and NDJSON bodies, longest silence.',
  ),
  headerTimeout: setting(
    'ORIEL_HEADER_TIMEOUT',
    '10s',
    duration().refine((ms) => ms > 0, 'must be longer than 0'),
    'Longest time in which a client must have sent the headers of a request (408), within `ORIEL_REQUEST_TIMEOUT`.',
  ),
  bodyRate: setting(
    'ORIEL_BODY_RATE',
    '240',
    integer(1, 1_000_000_000),
    'Fewest bytes a second, over each `ORIEL_REQUEST_TIMEOUT`, in which a body that is read as it comes must come (408).',
  ),
  urlLimit: setting(
    'ORIEL_URL_LIMIT',
    '16KiB',
    bytes().refine((size) => size >= 64, 'must be at least 64 bytes'),
    'Longest address of a request; a longer one is refused (414).',
  ),
  parameters: setting(
    'ORIEL_PARAMETERS',
    '1000',
    integer(1, 100_000),
    'Most query parameters of a request; more are refused (414).',
  ),
  headerLimit: setting(
    'ORIEL_HEADER_LIMIT',
    '16KiB',
    bytes().refine((size) => size >= 1024, 'must be at least 1KiB'),
    'Most bytes of the headers of a request; more are refused (431).',
  ),
  headers: setting(
    'ORIEL_HEADERS',
    '100',
    integer(1, 10_000),
    'Most headers of a request; more are refused (431).',
  ),
  connections: setting(
    'ORIEL_CONNECTIONS',
    '10000',
    integer(1, 1_000_000),
    'Most connections at once; a further one is closed at once, and counted.',
  ),
  connectionsEach: setting(
    'ORIEL_CONNECTIONS_EACH',
    '0',
    integer(0, 1_000_000),
    'Most of them from one address; 0 for no limit of its own, as behind a proxy, whose address all have.',
  ),
  keepAlive: setting(
    'ORIEL_KEEP_ALIVE',
    '72s',
    duration().refine((ms) => ms > 0, 'must be longer than 0'),
    'How long a connection stays open on which nothing is asked.',
  ),
  pipelined: setting(
    'ORIEL_PIPELINED',
    '100',
    integer(1, 100_000),
    'Most requests of one connection that are worked at; those behind them wait unread.',
  ),
} as const;

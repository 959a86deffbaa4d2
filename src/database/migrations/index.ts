import { AuditLog1764000000000 } from './1764000000000-audit-log.js';
import { Chain1764100000000 } from './1764100000000-chain.js';
import { Erasures1764200000000 } from './1764200000000-erasures.js';
import { Streams1764300000000 } from './1764300000000-streams.js';
import { Holds1764400000000 } from './1764400000000-holds.js';
import { ErasuresInChain1764500000000 } from './1764500000000-erasures-in-chain.js';
import { StreamPast1764600000000 } from './1764600000000-stream-past.js';
import { Keys1764700000000 } from './1764700000000-keys.js';

/** Every migration, oldest first. A released one is never changed. */
export const MIGRATIONS = [
  AuditLog1764000000000,
  Chain1764100000000,
  Erasures1764200000000,
  Streams1764300000000,
  Holds1764400000000,
  ErasuresInChain1764500000000,
  StreamPast1764600000000,
  Keys1764700000000,
];

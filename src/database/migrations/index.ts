import { AuditLog1764000000000 } from './1764000000000-audit-log.js';
import { Chain1764100000000 } from './1764100000000-chain.js';

/** Every migration, oldest first. A released one is never changed. */
export const MIGRATIONS = [AuditLog1764000000000, Chain1764100000000];

import { AuditLog1764000000000 } from './1764000000000-audit-log.js';

/** Every migration, oldest first. A released one is never changed. */
export const MIGRATIONS = [AuditLog1764000000000];

import { DataSource } from 'typeorm';
import { AUDIT_ENTITIES } from './src/audit/audit.entity.js';
import { readSettings } from './src/config/settings.js';
import { writerOptions } from './src/database/options.js';

/** The data source for TypeORM's command line (`npm run typeorm -- migration:show`); the server opens its own. */
export default new DataSource(writerOptions(readSettings().dataDir, AUDIT_ENTITIES));

import { DataSource } from 'typeorm';
import { AUDIT_ENTITIES } from './src/audit/audit.entity.js';
import { writerOptions } from './src/database/options.js';

/** The data source for TypeORM's command line (`npm run typeorm -- migration:show`); the server opens its own. */
export default new DataSource({
  ...writerOptions(process.env.ORIEL_DATA || './data', AUDIT_ENTITIES),
  migrationsRun: false,
});

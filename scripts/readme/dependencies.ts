import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustMatch, table } from './markdown.js';

type Reasons = Readonly<Record<string, string>>;

const RUNTIME: Reasons = {
  '@fastify/compress': 'gzip and br, of answers and of request bodies',
  '@fastify/static': 'serves the assets of Swagger UI, on behalf of `@nestjs/swagger`',
  '@keyv/redis': "keeps the server's cache in a Redis, where one is given",
  '@nestjs/cache-manager': "the server's cache of results as a Nest module",
  '@nestjs/common': 'modules, controllers and dependency injection',
  '@nestjs/core': 'the same: the part that runs them',
  '@nestjs/platform-fastify': 'Nest on Fastify',
  '@nestjs/swagger': 'the OpenAPI document and its page',
  '@nestjs/terminus': 'the health probes and their form',
  '@opentelemetry/api': 'the vocabulary of traces',
  '@opentelemetry/exporter-trace-otlp-http': 'sends traces, where that is turned on',
  '@opentelemetry/resources': 'says in traces which process they came from',
  '@opentelemetry/sdk-trace-base': 'collects traces, where that is turned on',
  'better-sqlite3': 'SQLite, in the journal and reader threads',
  'cache-manager': 'the cache itself',
  'class-transformer': 'turns query parameters into DTOs',
  'class-validator': 'checks those DTOs',
  commander: 'the command `oriel`, its help and its errors',
  fastify: 'the HTTP server; its hooks see every request',
  'find-my-way': "which methods a path knows, for 405 and `OPTIONS`; Fastify's own router",
  'hyparquet-writer': 'writes exports in Parquet',
  jose: 'JSON Web Tokens and the key sets that sign them',
  keyv: 'the store that cache-manager speaks to',
  'lru-cache': "that store's memory, bounded in bytes",
  negotiator: 'content negotiation by `Accept`',
  'onnx-proto': 'reads the graph: the runtime tells nothing of metadata and operators',
  'onnxruntime-node': 'runs the models',
  pino: 'log lines in JSON, secrets blacked out',
  'prom-client': 'metrics in the form of Prometheus',
  'reflect-metadata': "the metadata of decorators, for Nest's and TypeORM's",
  rxjs: 'a peer that Nest requires',
  typeorm: 'entities, migrations and queries',
  uuidv7: 'ids of records, in the order of arrival',
  zod: 'the schema of settings and of `model.json`',
};

const DEVELOPMENT: Reasons = {
  '@nestjs/cli': 'builds, and restarts on a change',

  '@swc/core': 'compiles tests, with decorators',
  '@swc/jest': 'the same, for Jest',
  '@types/better-sqlite3': 'types',
  '@types/jest': 'types',
  '@types/negotiator': 'types',
  '@types/node': 'types',
  autocannon: 'load for the benchmark',
  esbuild: 'bundles the build',
  eslint: 'lint, and the direction of imports',
  ajv: 'holds JSON schemas in the documentation against what is taken',
  'fast-check': 'laws as properties in tests',
  hyparquet: 'reads the Parquet exports in tests',
  jest: 'tests',
  prettier: 'format, also of the generated parts of this page',
  tsx: 'runs the scripts, the benchmark and the command line of TypeORM',
  typescript: 'the language',
  'typescript-eslint': 'lint with types',
};

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** Each dependency and why it is there. @throws Error when package.json has another set of them */
export function dependencies(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const file = 'scripts/readme/dependencies.ts';
  mustMatch('dependency', file, Object.keys(RUNTIME), Object.keys(manifest.dependencies));
  mustMatch('development dependency', file, Object.keys(DEVELOPMENT), Object.keys(manifest.devDependencies));
  const list = (title: string, reasons: Reasons): string =>
    table(
      [title, 'why'],
      Object.entries(reasons).map(([name, why]) => [`\`${name}\``, why]),
    );
  return [list('dependency', RUNTIME), list('for development only', DEVELOPMENT)].join('\n\n');
}

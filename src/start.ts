/** Start and end of the main thread: HTTP, validation, batching. A composition root, so it may know every domain. */
import 'reflect-metadata';
import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hadKeys } from './access/key-folder.js';
import { AppModule } from './app.module.js';
import { banner } from './banner.js';
import { namedAsGiven, type GivenOptions } from './config/options.js';
import { keepRuntimeQuiet } from './config/runtime-environment.js';
import {
  readSettings,
  refuseExposure,
  SettingsError,
  unknownVariables,
  type Settings,
} from './config/settings.js';
import type { RequestTracer } from './http/request-trace.js';
import { createHttpServer } from './http/server.js';
import { Leaving } from './leaving.js';
import { JsonLogger } from './logging/json-logger.js';
import { serveDocs } from './openapi.js';
import { packageVersion } from './package-version.js';
import { Catalog } from './prediction/catalog.js';
import { entriesBeside } from './threads/entries.js';
import { LoaderService } from './prediction/loader.service.js';

/** A reason not to start that is the operator's to mend; told as a sentence, without a stack. */
const OPERATOR_FAULTS = new Set(['data-folder', 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND']);

/** The packages that it needs are read only where requests are traced: no other start should wait for them. */
async function tracerOf(settings: Settings): Promise<RequestTracer | null> {
  if (settings.otlpEndpoint === '') return null;
  const { OtlpTracer } = await import('./tracing/otlp-tracer.js');
  return new OtlpTracer(settings, packageVersion());
}

async function start(settings: Settings): Promise<void> {
  keepRuntimeQuiet();
  const log = new JsonLogger(settings.logLevel);
  for (const name of unknownVariables()) log.warn(`${name} is not a setting of Oriel`, 'Config');
  // Looked at before anything is begun; the doorkeeper holds it again against what it finds.
  const credentials = settings.adminKey !== null || settings.jwtKeys !== '';
  refuseExposure(settings, credentials || hadKeys(settings.dataDir));
  const server = await createHttpServer(settings, await tracerOf(settings));
  const leaving = new Leaving(settings, server, log);
  leaving.begin();
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(settings, server, entriesBeside(import.meta.url)),
    server.adapter,
    {
      logger: log,
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.enableVersioning({ type: VersioningType.URI });
  serveDocs(app);
  try {
    await app.listen({ port: settings.port, host: settings.host });
  } catch (error) {
    await app.close();
    throw error;
  }
  leaving.serves(app);
  await app.get(LoaderService).loaded;
  const address = (await app.getUrl()).replace('[::1]', 'localhost');
  process.stdout.write(`${banner(address, app.get(Catalog))}\n`);
}

/**
 * Serves until a signal ends this process; where it cannot start, tells why on stderr and leaves with 1.
 * @param options settings that go before those of the environment, and by whose names faults are told
 */
export async function serve(options: GivenOptions = new Map()): Promise<void> {
  let settings: Settings | undefined;
  try {
    settings = readSettings(undefined, options);
    await start(settings);
  } catch (error) {
    process.stderr.write(namedAsGiven(reasonNotToStart(error, settings), options));
    process.exit(1);
  }
}

/** A sentence where the operator can mend what is wrong, else all that is known. */
function reasonNotToStart(error: unknown, settings?: Settings): string {
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SettingsError) return `${message}\n`;
  if (settings && typeof code === 'string' && OPERATOR_FAULTS.has(code))
    return `${sentence(code, message, settings)}\n`;
  return `Oriel could not start: ${error instanceof Error ? error.stack : message}\n`;
}

function sentence(code: string, message: string, { host, port }: Settings): string {
  const where = `${host}:${port}`;
  if (code === 'data-folder') return message;
  if (code === 'EADDRINUSE')
    return `The address ${where} (ORIEL_HOST, ORIEL_PORT) is taken by another program.`;
  return `Oriel cannot listen on ${where} (ORIEL_HOST, ORIEL_PORT): ${code}.`;
}

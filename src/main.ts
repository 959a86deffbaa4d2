/** The main thread: HTTP, validation, batching. A composition root, so it may know every domain. */
import 'reflect-metadata';
import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { banner } from './banner.js';
import { readSettings, SettingsError, unknownVariables, type Settings } from './config/settings.js';
import { createHttpServer } from './http/server.js';
import { Leaving } from './leaving.js';
import { JsonLogger } from './logging/json-logger.js';
import { serveDocs } from './openapi.js';
import { Catalog } from './prediction/catalog.js';
import { entriesBeside } from './threads/entries.js';
import { LoaderService } from './prediction/loader.service.js';

/** A reason not to start that is the operator's to mend; told as a sentence, without a stack. */
const OPERATOR_FAULTS = new Set(['data-folder', 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND']);

async function start(settings: Settings): Promise<void> {
  const log = new JsonLogger(settings.logLevel);
  for (const name of unknownVariables()) log.warn(`${name} is not a setting of Oriel`, 'Config');
  const server = await createHttpServer(settings);
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

/** Leaves with a sentence where the operator can mend what is wrong, else with all that is known. */
function tellAndExit(error: unknown, settings?: Settings): never {
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SettingsError) process.stderr.write(`${message}\n`);
  else if (settings && typeof code === 'string' && OPERATOR_FAULTS.has(code))
    process.stderr.write(`${sentence(code, message, settings)}\n`);
  else process.stderr.write(`Oriel could not start: ${error instanceof Error ? error.stack : message}\n`);
  process.exit(1);
}

function sentence(code: string, message: string, { host, port }: Settings): string {
  const where = `${host}:${port}`;
  if (code === 'data-folder') return message;
  if (code === 'EADDRINUSE')
    return `The address ${where} (ORIEL_HOST, ORIEL_PORT) is taken by another program.`;
  return `Oriel cannot listen on ${where} (ORIEL_HOST, ORIEL_PORT): ${code}.`;
}

function settingsOrExit(): Settings {
  try {
    return readSettings();
  } catch (error) {
    return tellAndExit(error);
  }
}

const settings = settingsOrExit();
start(settings).catch((error: unknown) => tellAndExit(error, settings));

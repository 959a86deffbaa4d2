import { NestFactory } from '@nestjs/core';
import { VersioningType } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppModule } from '../../src/app.module.js';
import { readSettings } from '../../src/config/settings.js';
import { AREAS } from '../../src/http/areas.js';
import { createHttpServer } from '../../src/http/server.js';
import { entriesBeside } from '../../src/threads/entries.js';
import { MODELS, PROJECT, temporaryFolder } from '../server.js';

test('every route says who may use it, and none is open but probes', async () => {
  const settings = readSettings({ ORIEL_DATA: temporaryFolder(), ORIEL_MODELS: MODELS, ORIEL_PORT: '0' });
  const server = await createHttpServer(settings);
  const entries = entriesBeside(pathToFileURL(join(PROJECT, 'dist/main.js')).href);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(settings, server, entries),
    server.adapter,
    { logger: false, bodyParser: false, abortOnError: false },
  );
  app.enableVersioning({ type: VersioningType.URI });
  try {
    await app.init();
    const { routes } = server.routes;
    expect(routes.length).toBeGreaterThan(80);
    expect(routes.filter(({ area }) => area === undefined || !Object.hasOwn(AREAS, area))).toEqual([]);
    const open = routes.filter(({ area }) => area && AREAS[area].roles.length === 0).map(({ url }) => url);
    expect(new Set(open)).toEqual(new Set(['/health/live', '/health/ready']));
    const changing = routes.filter(
      ({ method, url, area }) =>
        /^(POST|PUT|DELETE|PATCH)$/.test(method) && area !== 'predict' && !/replay$|index$/.test(url),
    );
    expect(new Set(changing.map(({ area }) => area))).toEqual(new Set(['admin', 'ingest', 'outcomes']));
  } finally {
    await app.close();
  }
});

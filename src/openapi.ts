import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Catalog } from './prediction/catalog.js';
import { isExempt } from './audit/policy/policy.js';
import { FrontDoor, scopeOf } from './http/front-door.js';
import { KnownMethods } from './http/methods.js';
import { withProblems } from './http/problem-docs.js';
import { problemSchema } from './http/problem.schema.js';
import { SECURITY_SCHEMES, withSecurity } from './http/security-docs.js';
import { predictionPaths } from './prediction/openapi.js';
import { tonguePaths } from './prediction/protocols/openapi.js';

/** What the document depends on that changes while the server runs. */
interface Now {
  catalog: Catalog;
  door: FrontDoor;
  routes: KnownMethods;
}

/** Serves the documentation: OpenAPI at `/openapi.json`, Swagger UI at `/docs`; the models' routes as they are loaded now, of those that the caller sees. */
export function serveDocs(app: INestApplication): void {
  const now: Now = { catalog: app.get(Catalog), door: app.get(FrontDoor), routes: app.get(KnownMethods) };
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.2.0')
    .setTitle('Oriel')
    .setDescription(
      'Serves ONNX models over versioned REST and puts every answer on record. Every failure is a problem (RFC 9457).',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Oriel',
    patchDocumentOnRequest: (request, _response, document) =>
      asOfNow(document, now, request as unknown as FastifyRequest),
  });
}

function asOfNow(
  document: OpenAPIObject,
  { catalog, door, routes }: Now,
  request: FastifyRequest,
): OpenAPIObject {
  const schemas = { ...document.components?.schemas, Problem: problemSchema };
  const models = catalog.list().filter(({ name }) => scopeOf(request).sees('models', name));
  const all = { ...predictionPaths(models), ...tonguePaths(), ...document.paths };
  const paths = withProblems(withPathParameters(all), (path) => !isExempt(path));
  const schemes = door.guarded ? { securitySchemes: SECURITY_SCHEMES } : {};
  return {
    ...document,
    components: { ...document.components, schemas, ...schemes },
    paths: withSecurity(paths, door, (method, path) => routes.areaOf(method, path)),
  };
}

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;

/** The same paths, each operation with the parameters of its path although nobody wrote them down. */
export function withPathParameters(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [method, complete(path, operation as Operation)]),
      ),
    ]),
  );
}

function complete(path: string, operation: Operation): Operation {
  const given = operation.parameters ?? [];
  const missing = [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name = '']) => name)
    .filter((name) => !given.some((one) => 'in' in one && one.in === 'path' && one.name === name))
    .map((name) => ({ name, in: 'path' as const, required: true, schema: { type: 'string' as const } }));
  const parameters = [...missing, ...given];
  return { ...operation, ...(parameters.length > 0 ? { parameters } : {}) };
}

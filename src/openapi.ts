import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Catalog } from './prediction/catalog.js';
import { problemSchema } from './http/problem.schema.js';
import { predictionPaths } from './prediction/openapi.js';
import { tonguePaths } from './prediction/protocols/openapi.js';

/** Serves the documentation: OpenAPI at `/openapi.json`, Swagger UI at `/docs`; the models' routes as they are loaded now. */
export function serveDocs(app: INestApplication): void {
  const catalog = app.get(Catalog);
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
    patchDocumentOnRequest: (_request, _response, document) => withModels(document, catalog),
  });
}

function withModels(document: OpenAPIObject, catalog: Catalog): OpenAPIObject {
  const schemas = { ...document.components?.schemas, Problem: problemSchema };
  const paths = { ...predictionPaths(catalog.list()), ...tonguePaths(), ...document.paths };
  return { ...document, components: { ...document.components, schemas }, paths: completed(paths) };
}

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;

/** The same paths, with what every operation has although nobody wrote it down: the parameters of its path, and problems. */
export function completed(paths: Paths): Paths {
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
  return {
    ...operation,
    ...(given.length + missing.length > 0 ? { parameters: [...missing, ...given] } : {}),
    responses: {
      ...operation.responses,
      '4XX': problem('The request cannot be answered; the problem says why.'),
      '5XX': problem('The server cannot answer it now; the problem says why.'),
    },
  };
}

function problem(description: string): Operation['responses'][string] {
  const schema = { $ref: '#/components/schemas/Problem' };
  return { description, content: { 'application/problem+json': { schema } } };
}

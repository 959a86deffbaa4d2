import type { OpenAPIObject } from '@nestjs/swagger';
import { AREAS, type Area, type AreaName } from './areas.js';
import { METHODS, problemResponse } from './problem-docs.js';
import type { FrontDoor } from './front-door.js';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type State = Pick<FrontDoor, 'guarded' | 'limited' | 'isOpen'>;

/** How callers say who they are. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http' as const,
    scheme: 'bearer',
    description: 'A key, or a token (JWT) where those are taken.',
  },
  basic: {
    type: 'http' as const,
    scheme: 'basic',
    description: 'The name of a key, and the key as its password.',
  },
};

/**
 * Says of every operation which roles it needs as things are now, and which refusals come of that: none where nobody has to say who
 * they are.
 * @param areaOf whose a method of a path is
 */
export function withSecurity(
  paths: Paths,
  door: State,
  areaOf: (method: string, path: string) => AreaName | undefined,
): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => {
      const operations = METHODS.flatMap((method) => {
        const operation = (item as Record<string, Operation | undefined>)[method];
        if (!operation) return [];
        const area = AREAS[areaOf(method.toUpperCase(), path.replaceAll(/\{[^}]*\}/g, 'x')) ?? 'admin'];
        return [[method, secured(operation, area, door)] as const];
      });
      return [path, { ...item, ...Object.fromEntries(operations) }];
    }),
  );
}

function secured(operation: Operation, area: Area, door: State): Operation {
  if (area.roles.length === 0) return { ...operation, security: [] };
  const problems: Record<number, string> = {};
  if (door.guarded) problems[401] = 'It is not known who asks.';
  if (door.guarded && !door.isOpen(area)) problems[403] = 'Who asks may not do this, or not with this name.';
  if (door.guarded || door.limited) problems[429] = 'There were too many requests, or wrong credentials.';
  const refusals = Object.entries(problems).map(([status, text]) => [status, problemResponse(text)] as const);
  const responses = { ...Object.fromEntries(refusals), ...operation.responses };
  return { ...operation, responses, security: door.guarded ? requirementsOf(area, door.isOpen(area)) : [] };
}

function requirementsOf({ roles }: Area, open: boolean): Record<string, string[]>[] {
  const schemes = Object.keys(SECURITY_SCHEMES);
  const required = schemes.flatMap((scheme) => [...roles].map((role) => ({ [scheme]: [role] })));
  return open ? [{}, ...required] : required;
}

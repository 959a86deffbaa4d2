import 'reflect-metadata';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { AreaName } from './areas.js';
import type { MediaTypes } from './media-types.js';

/** What a route says of itself, for the hooks that run before its handler. */
export interface RouteSays extends MediaTypes {
  /** Who may use it. A route that says nothing is for `admin` alone. */
  area?: AreaName;
}

/** Says something of a route; what another decorator says of it stays, in whatever order they stand. */
export function RouteConfig(says: RouteSays): MethodDecorator {
  return (_target, _name, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const before = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as RouteSays | undefined;
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...before, ...says }, handler);
  };
}

/** Who may use a route. */
export const InArea = (area: AreaName): MethodDecorator => RouteConfig({ area });

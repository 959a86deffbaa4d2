import FindMyWay, { type HTTPMethod } from 'find-my-way';
import type { AreaName } from './areas.js';

/** A route, as it was registered. */
export interface KnownRoute {
  method: string;
  url: string;
  /** Undefined where it does not say who may use it. */
  area: AreaName | undefined;
}

/** Which methods an address has, and who may use them, learnt from the routes as they are registered: for `405`, `Allow`, `OPTIONS` and the documentation. */
export class KnownMethods {
  private readonly router = FindMyWay({ maxParamLength: 4096 });
  private readonly methods = new Set<HTTPMethod>();
  readonly routes: KnownRoute[] = [];

  add(method: string, url: string, area?: AreaName): void {
    const known = method as HTTPMethod;
    if (this.router.hasRoute(known, url)) return;
    this.methods.add(known);
    this.routes.push({ method, url, area });
    this.router.on(known, url, () => undefined, area);
  }

  /** The methods of the address, sorted, with OPTIONS; empty when there is nothing at it. */
  of(url: string): string[] {
    const path = url.split('?', 1)[0] as string;
    const found = [...this.methods].filter((method) => this.router.find(method, path));
    return found.length === 0 ? [] : [...new Set([...found, 'OPTIONS'])].sort();
  }

  /** Who may use a method of an address; undefined where that is not said. */
  areaOf(method: string, path: string): AreaName | undefined {
    return this.router.find(method as HTTPMethod, path)?.store as AreaName | undefined;
  }
}

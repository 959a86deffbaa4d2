import FindMyWay, { type HTTPMethod } from 'find-my-way';

/** Which methods an address has, learnt from the routes as they are registered: for `405`, `Allow` and `OPTIONS`. */
export class KnownMethods {
  private readonly router = FindMyWay({ maxParamLength: 4096 });
  private readonly methods = new Set<HTTPMethod>();

  add(method: string, url: string): void {
    const known = method as HTTPMethod;
    if (this.router.hasRoute(known, url)) return;
    this.methods.add(known);
    this.router.on(known, url, () => undefined);
  }

  /** The methods of the address, sorted, with OPTIONS; empty when there is nothing at it. */
  of(url: string): string[] {
    const path = url.split('?', 1)[0] as string;
    const found = [...this.methods].filter((method) => this.router.find(method, path));
    return found.length === 0 ? [] : [...new Set([...found, 'OPTIONS'])].sort();
  }
}

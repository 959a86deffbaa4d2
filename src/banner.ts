import { defaultVersion, type Catalog } from './prediction/catalog.js';
import { exampleOf } from './prediction/version-opener.js';

/** What `npm start` prints when it is ready: the address, and a curl line that works as it is. */
export function banner(address: string, catalog: Catalog): string {
  const lines = [`Oriel is ready at ${address} (documentation at ${address}/docs)`];
  for (const model of catalog.list()) {
    const version = defaultVersion(model);
    const example = version === undefined ? undefined : exampleOf(model.config, version);
    if (!example || !model.versions.some((entry) => entry.version === version && entry.state === 'ready'))
      continue;
    const body = JSON.stringify(example.input).replaceAll("'", String.raw`'\''`);
    lines.push(
      `curl -s ${address}/v1/models/${model.name}/predict -H 'content-type: application/json' -d '${body}'`,
    );
    break;
  }
  return lines.join('\n');
}

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
    lines.push(exampleLine(address, model.name, example.input));
    break;
  }
  return lines.join('\n');
}

/** A line for a shell that asks a model. */
export function exampleLine(address: string, model: string, input: unknown): string {
  const body = JSON.stringify(input).replaceAll("'", String.raw`'\''`);
  return `curl -s ${address}/v1/models/${model}/predict -H 'content-type: application/json' -d '${body}'`;
}

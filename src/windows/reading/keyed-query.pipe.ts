import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { OrielError, type Fault } from '../../errors.js';
import { queryPipe } from '../../http/query.pipe.js';
import type { KeyValues } from '../key-values.js';

const PREFIX = 'key.';

/** What `key.<field>=` parameters ask for, as they were given. */
export type KeyParameters = ReadonlyMap<string, unknown>;

/** A query that may have parameters `key.<field>`, whatever fields there are. */
export interface KeyedQuery {
  key: KeyParameters;
}

/** Takes the parameters `key.<field>` apart, into the member `key`; the rest is as in any query. */
export class KeyedQueryPipe implements PipeTransform {
  private readonly rest = queryPipe();

  async transform(value: Record<string, unknown>, metadata: ArgumentMetadata): Promise<KeyedQuery> {
    const key = new Map<string, unknown>();
    const others: Record<string, unknown> = {};
    for (const [name, given] of Object.entries(value))
      if (name.startsWith(PREFIX)) key.set(name.slice(PREFIX.length), given);
      else others[name] = given;
    const query = (await this.rest.transform(others, metadata)) as object;
    return Object.assign(query, { key });
  }
}

/**
 * @param fields of the stream's key
 * @returns undefined: any key
 * @throws OrielError `invalid-parameter` for a field that is not in the key, or a value that is given twice
 */
export function keyValuesOf(fields: readonly string[], asked: KeyParameters): KeyValues | undefined {
  const faults: Fault[] = [];
  for (const [field, value] of asked) {
    const pointer = `/${PREFIX}${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!fields.includes(field))
      faults.push({ pointer, detail: `The key of the stream has no field ${field}.` });
    else if (typeof value !== 'string') faults.push({ pointer, detail: 'must be given once' });
  }
  if (faults.length > 0)
    throw new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', { faults });
  return asked.size === 0
    ? undefined
    : fields.map((field) => (asked.get(field) as string | undefined) ?? null);
}

import { OrielError } from '../../errors.js';
import { conditionOf, type Condition } from './conditions.js';
import { FilterError, parseFilter } from './syntax.js';

/** The condition of the parameter `filter`; null where it says nothing. @throws OrielError `invalid-parameter` */
export function readFilter(filter: string): Condition | null {
  try {
    const node = parseFilter(filter);
    return node && conditionOf(node);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', {
      faults: [{ pointer: '/filter', detail: `${error.message} (at character ${error.at})` }],
    });
  }
}

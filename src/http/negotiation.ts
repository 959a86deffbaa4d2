import Negotiator from 'negotiator';
import { OrielError } from '../errors.js';

/**
 * Holds an `Accept` header against the media types that a route can answer with.
 * @throws OrielError `not-acceptable`
 */
export function checkAcceptable(accept: string | undefined, produces: readonly string[]): void {
  if (accept === undefined || accept === '*/*' || accept === produces[0]) return;
  const negotiator = new Negotiator({ headers: { accept } });
  const inUtf8 = produces.map((type) => `${type}; charset=utf-8`); // as answers are, and as some clients ask for them
  if (negotiator.mediaTypes([...produces, ...inUtf8]).length > 0) return;
  throw new OrielError(
    'notAcceptable',
    'not-acceptable',
    `This answer can be given as ${produces.join(' or ')} only.`,
  );
}

import Negotiator from 'negotiator';
import { OrielError } from '../errors.js';

/**
 * Holds an `Accept` header against the media types that a route can answer with, of which the first is the one it would choose.
 * @returns the one that the caller prefers
 * @throws OrielError `not-acceptable`
 */
export function checkAcceptable(accept: string | undefined, produces: readonly string[]): string {
  const [own = ''] = produces;
  if (accept === undefined || accept === '*/*' || accept === own) return own;
  const negotiator = new Negotiator({ headers: { accept } });
  // With and without the charset: answers have it, and some clients ask for it.
  const offered = produces.flatMap((type) => [type, `${type}; charset=utf-8`]);
  const [preferred] = negotiator.mediaTypes(offered);
  if (preferred !== undefined) return preferred.split(';', 1)[0] as string;
  throw new OrielError(
    'notAcceptable',
    'not-acceptable',
    `This answer can be given as ${produces.join(' or ')} only.`,
  );
}

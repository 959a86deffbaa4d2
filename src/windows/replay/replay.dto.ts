import { A_TIME } from '../../http/time-docs.js';
import { DEFINITION_SCHEMA } from '../definition/schema.js';
import { MOST_LATE, MOST_WINDOWS } from './messages.js';

const { watermark, lateness, windows } = DEFINITION_SCHEMA.properties as Record<
  'watermark' | 'lateness' | 'windows',
  object
>;

/** What is to be other than it is. */
export const REPLAY_BODY = {
  type: 'object' as const,
  additionalProperties: false,
  properties: {
    watermark,
    lateness,
    windows,
    from: { ...A_TIME, description: 'Only events received at or after.' },
    to: { ...A_TIME, description: 'Only events received before.' },
  },
  example: { watermark: { type: 'bounded', bound: '30s' } },
};

const COUNT = { type: 'integer' as const, minimum: 0 };
const LIST = { type: 'array' as const, items: { type: 'object' as const } };

export const REPLAY_SHOWN = {
  type: 'object' as const,
  required: ['events', 'late', 'windows', 'watermark', 'counters'],
  properties: {
    events: { ...COUNT, description: 'Events that were told.' },
    late: {
      type: 'object' as const,
      properties: {
        events: COUNT,
        windows: COUNT,
        items: { ...LIST, description: `The first ${MOST_LATE}, as the stream's own ledger shows them.` },
      },
    },
    windows: {
      type: 'object' as const,
      description: 'What the windows say at the end, by the names of their definitions.',
      additionalProperties: {
        type: 'object' as const,
        properties: {
          items: { ...LIST, description: `At most ${MOST_WINDOWS}.` },
          truncated: { type: 'boolean' as const, description: 'There are more.' },
        },
      },
    },
    watermark: { type: ['string', 'null'] as never },
    counters: { type: 'object' as const, additionalProperties: COUNT },
  },
};

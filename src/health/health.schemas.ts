const PARTS = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: ['up', 'degraded', 'down'] } },
  },
} as const;

/** What terminus answers, well or not. */
export const REPORT = {
  type: 'object',
  required: ['status', 'details'],
  properties: {
    status: { type: 'string', enum: ['ok', 'degraded', 'error', 'shutting_down'] },
    info: PARTS,
    error: PARTS,
    details: PARTS,
  },
} as const;

const STATUS = { type: 'string', enum: ['pass', 'warn', 'fail'] } as const;

/** The same as `application/health+json` (draft-inadarei-api-health-check-06). */
export const HEALTH_REPORT = {
  type: 'object',
  required: ['status', 'version', 'releaseId'],
  properties: {
    status: STATUS,
    version: { type: 'string' },
    releaseId: { type: 'string' },
    description: { type: 'string' },
    checks: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: {
          type: 'object',
          required: ['status', 'time'],
          properties: {
            status: STATUS,
            time: { type: 'string', format: 'date-time' },
            componentType: { type: 'string' },
            observedValue: { type: ['number', 'string'] },
            observedUnit: { type: 'string' },
            output: { type: 'string' },
          },
        },
      },
    },
  },
} as const;

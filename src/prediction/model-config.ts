import { z } from 'zod';
import { pointerToken, type Fault } from '../errors.js';
import { parseDuration } from '../units.js';

const scalar = z.union([z.number(), z.string(), z.boolean()]);

const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: 'custom',
    message: 'must be milliseconds or a duration such as 250ms, 10s or 1h30m',
  });
  return z.NEVER;
});

const feature = z
  .strictObject({
    name: z.string().min(1),
    description: z.string().optional(),
    unit: z.string().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    values: z.array(scalar).min(1).optional(),
    observed: z.tuple([z.number(), z.number()]).optional(),
    default: scalar.optional(),
    nullable: z.boolean().optional(),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
    path: ['min'],
    message: 'must not be above max',
  });

const example = z.strictObject({
  input: z.record(z.string(), z.unknown()),
  prediction: z.array(z.union([z.number(), z.string(), z.boolean()])).min(1),
  tolerance: z.number().nonnegative().optional(),
});

const versionConfig = z.strictObject({
  description: z.string().optional(),
  metrics: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  example: example.optional(),
});

/** The form of `model.json`. Every key is optional; a wrong key or value fails the load of the model. */
export const MODEL_CONFIG = z.strictObject({
  title: z.string().optional(),
  description: z.string().optional(),
  target: z
    .strictObject({ name: z.string(), description: z.string().optional(), unit: z.string().optional() })
    .optional(),
  features: z
    .array(
      z.union([
        z
          .string()
          .min(1)
          .transform((name) => ({ name })),
        feature,
      ]),
    )
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
  defaultLabel: z.string().optional(),
  example: example.optional(),
  cache: z.strictObject({ maxAge: duration.optional(), public: z.boolean().optional() }).optional(),
  batching: z
    .strictObject({
      maxRows: z.int().min(1).optional(),
      maxQueue: z.int().min(1).optional(),
      deadline: duration.optional(),
    })
    .optional(),
  /** Which of the versions on disk are served. */
  versionPolicy: z
    .union([
      z.literal('all'),
      z.strictObject({ latest: z.int().min(1) }),
      z.strictObject({ specific: z.array(z.string()).min(1) }),
    ])
    .optional(),
  /** What holds for one version only; its example takes the place of the model's. */
  versions: z.record(z.string(), versionConfig).optional(),
});

export type ModelConfig = z.output<typeof MODEL_CONFIG>;
export type FeatureConfig = z.output<typeof feature>;
export type ExampleConfig = z.output<typeof example>;

/** Checks the text of a `model.json`. */
export function readModelConfig(text: string): { config: ModelConfig } | { faults: Fault[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { faults: [{ pointer: '', detail: 'is not valid JSON' }] };
  }
  const result = MODEL_CONFIG.safeParse(json);
  if (!result.success) return { faults: result.error.issues.flatMap(toFaults) };
  const { labels, defaultLabel } = result.data;
  if (defaultLabel !== undefined && !Object.hasOwn(labels ?? {}, defaultLabel)) {
    return {
      faults: [
        { pointer: '/defaultLabel', detail: `names the label ${defaultLabel}, which labels does not have` },
      ],
    };
  }
  return { config: result.data };
}

function toFaults(issue: z.core.$ZodIssue): Fault[] {
  const pointer = issue.path.map((token) => pointerToken(String(token))).join('');
  if (issue.code === 'invalid_union') {
    // What is wrong inside the one form that the value has says more than that it is none of the forms.
    const inside = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0));
    if (inside) return inside.flatMap((one) => toFaults({ ...one, path: [...issue.path, ...one.path] }));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointer + pointerToken(key), detail: 'is not a known key' }));
  }
  return [{ pointer, detail: issue.message }];
}

/**
 * The direction of imports, as lint rules: health → prediction, windows → audit → journal → database, http → config; never back.
 * A folder may import from those listed for it and from itself. Only the composition roots (files directly in
 * `src`, and the commands in `src/cli`) know every domain. Pure cores import nothing of Nest, npm or Node.
 */
const MAY_IMPORT = {
  config: [],
  batching: [],
  threads: [],
  logging: [],
  database: ['config', 'threads'],
  http: ['config'],
  journal: ['batching', 'threads', 'database', 'config'],
  access: ['journal', 'database', 'http', 'config'],
  audit: ['journal', 'database', 'http', 'config'],
  prediction: ['audit', 'journal', 'database', 'http', 'config', 'batching', 'threads'],
  windows: ['audit', 'journal', 'database', 'http', 'config', 'threads'],
  health: ['access', 'windows', 'prediction', 'audit', 'journal', 'database', 'http', 'config'],
  tracing: ['audit', 'http', 'config'],
  metrics: [
    'access',
    'health',
    'windows',
    'prediction',
    'audit',
    'journal',
    'database',
    'threads',
    'http',
    'config',
  ],
};

/** Files and folders without Nest, npm, Node or I/O. */
const PURE = [
  'src/batching/*.ts',
  'src/units.ts',
  'src/errors.ts',
  'src/json-depth.ts',
  'src/prediction/values.ts',
  'src/prediction/half.ts',
  'src/prediction/row-encoder.ts',
  'src/prediction/tensors.ts',
  'src/prediction/answer.ts',
  'src/windows/engine/**/*.ts',
  'src/windows/definition/*.ts',
  'src/windows/events/*.ts',
  'src/pattern.ts',
  'src/access/{permissions,source,key}.ts',
  'src/audit/policy/{rules,policy,redaction}.ts',
  'src/audit/loss-ledger.ts',
];

const RUNTIME = {
  regex: '^onnxruntime-node$',
  message: 'Only prediction/onnx/sessions.ts, in the inference threads, knows the runtime.',
};

const folders = Object.keys(MAY_IMPORT);

export const layers = [
  ...folders.map((folder) => {
    const forbidden = folders.filter((other) => other !== folder && !MAY_IMPORT[folder].includes(other));
    return {
      files: [`src/${folder}/**/*.ts`],
      ignores: ['**/*.spec.ts', 'src/prediction/onnx/sessions.ts'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              ...(forbidden.length > 0
                ? [
                    {
                      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
                      message: `${folder} may import only: ${MAY_IMPORT[folder].join(', ') || 'nothing else'}.`,
                    },
                  ]
                : []),
              {
                regex:
                  '^(\\.\\./)+(main|start|cli|app\\.module|openapi|banner|leaving|goodbye|cli/.*|[^/]*\\.worker)\\.js$',
                message: 'A domain does not know the composition roots.',
              },
              RUNTIME,
            ],
          },
        ],
      },
    };
  }),
  {
    files: ['src/**/*.ts', 'ormconfig.ts'],
    ignores: ['src/config/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config reads the environment.' },
      ],
    },
  },
  {
    files: PURE,
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^[^.]', message: 'This is a pure core: no Nest, no npm, no Node.' }] },
      ],
      'no-restricted-globals': [
        'error',
        'performance',
        'process',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'fetch',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is a parameter here.' },
      ],
    },
  },
];

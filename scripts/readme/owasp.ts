import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from './markdown.js';

interface Row {
  risk: string;
  what: string;
  /** Files, each with the title of a test in it. */
  tests: readonly (readonly [file: string, title: string])[];
}

/** The OWASP API Security Top 10 of 2023: what Oriel does about each, and which tests show it. */
const ROWS: readonly Row[] = [
  {
    risk: 'API1 Broken object level authorization',
    what: 'every route belongs to an area with roles; cached answers are kept apart by caller; model and stream names are looked up, never made into paths',
    tests: [
      ['test/e2e/access-routes.spec.ts', 'every route says who may use it, and none is open but probes'],
      ['test/fuzz/requests.spec.ts', 'whatever comes as %s is answered as it should be'],
    ],
  },
  {
    risk: 'API2 Broken authentication',
    what: 'without credentials it listens on loopback only; keys are kept as hashes, end and can be revoked; wrong ones are counted by address and then no longer looked at',
    tests: [
      ['test/e2e/start.spec.ts', 'when others could reach it and no credentials are configured'],
      [
        'test/e2e/keys.spec.ts',
        'a key is told once, kept as a hash, outlives kill -9, and is none any more once it is revoked',
      ],
    ],
  },
  {
    risk: 'API3 Broken object property level authorization',
    what: 'unknown members are refused by name; fields are redacted before they are written',
    tests: [
      ['test/e2e/refusals.spec.ts', 'all faults of a body are named at once, each with its pointer'],
      ['test/e2e/audit.spec.ts', 'a payload above the limit is cut, and says so'],
    ],
  },
  {
    risk: 'API4 Unrestricted resource consumption',
    what: 'bodies, lines, queues, readers, exports and loads are bounded by settings, each with its error',
    tests: [
      ['test/e2e/refusals.spec.ts', 'endless headers are too large'],
      ['test/e2e/hostile-models.spec.ts', 'a model that takes more memory than it may is refused'],
      [
        'test/e2e/overload.spec.ts',
        'at four times what a model can do, what is accepted is answered in time and the rest is refused at once',
      ],
    ],
  },
  {
    risk: 'API5 Broken function level authorization',
    what: 'what changes models, keys or the record is for the role `admin`; what no role is said for is open to none',
    tests: [
      ['test/e2e/access-routes.spec.ts', 'every route says who may use it, and none is open but probes'],
    ],
  },
  {
    risk: 'API6 Unrestricted access to sensitive business flows',
    what: 'one caller cannot starve others: models take turns, and every request leaves a record',
    tests: [
      [
        'test/e2e/fairness.spec.ts',
        'a heavy model under endless load does not starve a light one on the same thread',
      ],
      [
        'test/e2e/audit.spec.ts',
        'is on record with who asked, what was asked, what was answered and by which model',
      ],
    ],
  },
  {
    risk: 'API7 Server side request forgery',
    what: 'no request makes the server ask another: models come from its own directory, weights from their own folder, and a `source` or `dataschema` of a CloudEvent is only a name',
    tests: [
      ['test/e2e/owasp.spec.ts', 'no address in a request is ever asked'],
      ['test/e2e/broken-models.spec.ts', '%s is listed with its reason, and refused'],
    ],
  },
  {
    risk: 'API8 Security misconfiguration',
    what: 'no stack, path or name of a library in an answer; no cross-origin access; no guessing of types; the page of the documentation loads nothing from elsewhere',
    tests: [
      [
        'test/e2e/owasp.spec.ts',
        'every answer forbids guessing its type, and says nothing of what serves it',
      ],
      ['test/e2e/owasp.spec.ts', 'no other origin is let in'],
      ['test/e2e/owasp.spec.ts', 'the page of the documentation may load its own files only'],
    ],
  },
  {
    risk: 'API9 Improper inventory management',
    what: '`/openapi.json` lists every route, with the models as they are loaded; versions stand in the path',
    tests: [['test/e2e/docs.spec.ts', 'the document is OpenAPI 3.2 with every route']],
  },
  {
    risk: 'API10 Unsafe consumption of APIs',
    what: 'a Redis that fails delays few questions and fails none; model files are tried in a process of their own',
    tests: [
      ['test/e2e/shared-cache.spec.ts', 'a Redis that hangs delays few questions, and none of them for long'],
      ['test/e2e/owasp.spec.ts', 'what others wrote into the shared cache is not answered'],
      [
        'test/e2e/hostile-models.spec.ts',
        'a model that crashes the runtime is refused with a reason, and the old version serves on',
      ],
    ],
  },
];

/** @throws Error where a test is not there that a row names */
export function owasp(root: string): string {
  const rows = ROWS.map(({ risk, what, tests }) => {
    for (const [file, title] of tests) {
      const path = join(root, file);
      if (!existsSync(path) || !readFileSync(path, 'utf8').includes(`'${title}'`))
        throw new Error(`scripts/readme/owasp.ts names a test that is not there: ${file} '${title}'`);
    }
    return [risk, what, [...new Set(tests.map(([file]) => `\`${file}\``))].join(', ')];
  });
  return table(['risk', 'what Oriel does', 'shown by'], rows);
}

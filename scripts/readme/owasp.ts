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
    what: 'a key or token may be held to models and streams by name, in every protocol; others are 403 whether they are there or not, stand in no list, and outcomes of their predictions are refused; cached answers are kept apart by caller',
    tests: [
      ['test/e2e/access.spec.ts', 'asks %s of its models only, and learns nothing of others'],
      ['test/e2e/access.spec.ts', 'sees only its own in lists and in the documentation'],
      ['test/e2e/access.spec.ts', 'has its streams only, and never the predictions of all models'],
      ['test/e2e/access.spec.ts', 'tells outcomes of its own predictions; others are not there'],
      ['test/e2e/access.spec.ts', 'one caller is not given what another was answered'],
    ],
  },
  {
    risk: 'API2 Broken authentication',
    what: 'keys are 256 bits of chance, of which only a keyed hash is kept; wrong credentials from one address are soon looked at no more; tokens must have the issuer, audience, algorithm and end that the settings say; without credentials it listens on loopback only',
    tests: [
      [
        'test/e2e/keys.spec.ts',
        'wrong credentials are looked at only so often from one address, and shut out nobody elsewhere',
      ],
      ['test/e2e/keys.spec.ts', 'a key ends when it says'],
      [
        'test/e2e/keys.spec.ts',
        'that the last key is revoked opens nothing, also not after a restart without one',
      ],
      ['src/access/key-folder.spec.ts', 'makes the folder, and a key of which only a keyed hash is kept'],
      ['test/e2e/tokens.spec.ts', 'refuses a token %s'],
      ['test/e2e/start.spec.ts', 'when others could reach it and no credentials are configured'],
    ],
  },
  {
    risk: 'API3 Broken object property level authorization',
    what: 'unknown members are refused by name; fields are redacted by pointer before they are written; a key is told once and stands in no list, record, log or file',
    tests: [
      ['test/e2e/refusals.spec.ts', 'all faults of a body are named at once, each with its pointer'],
      ['test/e2e/policy.spec.ts', 'are nowhere in the files of the record (%s, cut at %s)'],
      ['test/e2e/access.spec.ts', 'the policy knows the roles of who asked'],
      [
        'test/e2e/keys.spec.ts',
        'a key is told once, kept as a hash, outlives kill -9, and is none any more once it is revoked',
      ],
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
      ['test/e2e/access.spec.ts', 'gives %s to the roles that may have it, and to no other'],
      [
        'test/e2e/access.spec.ts',
        'every operation of the document is refused without a key, and with every role that it does not name',
      ],
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
    what: 'no request makes the server ask another: models come from its own directory, weights from their own folder, a `source` or `dataschema` of a CloudEvent is only a name, and the keys of tokens are where the settings say, whatever a token names',
    tests: [
      ['test/e2e/owasp.spec.ts', 'no address in a request is ever asked'],
      ['test/e2e/tokens.spec.ts', 'asks no address that a token names, and takes no key from it'],
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

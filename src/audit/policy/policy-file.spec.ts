import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '../../config/settings.js';
import { readPolicy } from './policy-file.js';
import { EXEMPTIONS } from './rules.js';

describe('readPolicy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-policy-'));
  const file = join(folder, 'policy.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  function sentences(content: unknown): string[] {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    try {
      readPolicy(file);
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      return (error as Error).message
        .split('\n')
        .map((line) => line.replace(`${file} (ORIEL_AUDIT_POLICY)`, ''));
    }
    return [];
  }

  it('reads every member, and puts what leaves no record by itself after the rules', () => {
    const rule = {
      level: 'payload', routes: ['/v1/models/*', '*'], methods: ['GET'], models: ['m*'], status: [404, '4xx', '500-599'],
      outcomes: ['ok', 'timeout'], roles: ['admin'], redact: ['/input/LSTAT', '/output'],
    }; // prettier-ignore
    writeFileSync(
      file,
      JSON.stringify({
        rules: [
          { ...rule, minLatency: '1m30s', payloadLimit: '4KiB' },
          { level: 'none', minLatency: 5, payloadLimit: 7, evenErrors: true },
        ],
      }),
    );
    expect(readPolicy(file)).toEqual([
      { ...rule, minLatency: 90_000, payloadLimit: 4096 },
      { level: 'none', minLatency: 5, payloadLimit: 7, evenErrors: true },
      ...EXEMPTIONS,
    ]);
  });

  it.each<[unknown, string]>([
    [{ rules: [{ level: 'all' }] }, ': /rules/0/level must be one of none, metadata, payload.'],
    [{ rules: [{}] }, ': /rules/0/level is missing.'],
    [{ rules: [{ level: 'none', level2: 1 }] }, ': /rules/0/level2 is not a member that is known here.'],
    [{ rules: [], 'a/b': 1 }, ': /a~1b is not a member that is known here.'],
    [
      '{"rules":[{"level":"none","__proto__":1}]}',
      ': /rules/0/__proto__ is not a member that is known here.',
    ],
    [{ rules: {} }, ': /rules must be an array of rules.'],
    [{}, ': /rules must be an array of rules.'],
    [[], ': it must be an object with "rules".'],
    [null, ': it must be an object with "rules".'],
    [{ rules: ['none'] }, ': /rules/0 must be an object.'],
    [
      { rules: [{ level: 'none', routes: '/a' }] },
      ': /rules/0/routes must be an array of at least one member.',
    ],
    [
      { rules: [{ level: 'none', routes: [] }] },
      ': /rules/0/routes must be an array of at least one member.',
    ],
    [
      { rules: [{ level: 'none', routes: ['a'] }] },
      ': /rules/0/routes/0 must be a pattern that begins with / or *.',
    ],
    [{ rules: [{ level: 'none', methods: ['get'] }] }, ': /rules/0/methods/0 must be a method such as GET.'],
    [
      { rules: [{ level: 'none', models: [1] }] },
      ': /rules/0/models/0 must be the name of a model, in which * may stand.',
    ],
    [
      { rules: [{ level: 'none', status: [200, '9xx'] }] },
      ': /rules/0/status/1 must be a status such as 404, 4xx or 500-599.',
    ],
    [
      { rules: [{ level: 'none', outcomes: ['lost'] }] },
      ': /rules/0/outcomes/0 must be one of ok, clientError, serverError, aborted, timeout, rejected.',
    ],
    [{ rules: [{ level: 'none', roles: [''] }] }, ': /rules/0/roles/0 must be the name of a role.'],
    [
      { rules: [{ level: 'none', minLatency: 'soon' }] },
      ': /rules/0/minLatency must be a duration such as 250 or 250ms.',
    ],
    [
      { rules: [{ level: 'none', redact: ['/userAgent'] }] },
      ': /rules/0/redact/0 must be a JSON pointer that begins with /input or /output.',
    ],
    [
      { rules: [{ level: 'none', payloadLimit: -1 }] },
      ': /rules/0/payloadLimit must be a size such as 4096 or 4KiB.',
    ],
    [{ rules: [{ level: 'none', evenErrors: 'yes' }] }, ': /rules/0/evenErrors must be true or false.'],
  ])('refuses %j', (content, sentence) => {
    expect(sentences(content)).toEqual([sentence]);
  });

  it('names all that is wrong', () => {
    expect(sentences({ rules: [{ level: 'x' }, { level: 'none', a: 1, b: 2 }] })).toHaveLength(3);
  });

  it('refuses what is no JSON, and what is not there', () => {
    expect(sentences('{')).toEqual([expect.stringMatching(/^ is not valid JSON: /)]);
    expect(() => readPolicy(join(folder, 'none.json'))).toThrow(/none\.json \(ORIEL_AUDIT_POLICY\) cannot be read: ENOENT\./); // prettier-ignore
  });
});

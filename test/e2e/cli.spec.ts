import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, oriel } from '../cli.js';
import { HOUSE } from '../houses.js';
import { eventually, MODELS, temporaryFolder } from '../server.js';

/** Serves by the command until the test is over. @returns the address */
async function serving(...args: string[]): Promise<{ url: string; leave: () => Promise<void> }> {
  const { child, ended, output } = launch(['serve', ...args, '--port', '0', '--shutdown-delay', '0'], {
    environment: { ORIEL_PORT: 'not read, since the option goes before it' },
  });
  let over = false;
  void ended.then(() => (over = true));
  const url = await eventually('the address is printed', () => {
    if (over) throw new Error(output.stderr);
    return /^Oriel is ready at (http:\S+)/m.exec(output.stdout)?.[1];
  });
  const leave = async (): Promise<void> => {
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  };
  return { url, leave };
}

async function predict(url: string, model: string): Promise<unknown> {
  const answer = await fetch(`${url}/v1/models/${model}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(HOUSE),
  });
  return answer.json();
}

describe('oriel', () => {
  test.each([[[]], [['serve']], [['check']], [['export']], [['verify']]])(
    '%j has a help with an example',
    async (command) => {
      const { code, stdout, stderr } = await oriel([...command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Examples?:\n {2}oriel /m);
    },
  );

  test('tells its version', async () => {
    expect((await oriel(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [['serve', '--prot', '8080'], "Unknown option '--prot'. Did you mean --port?\n"],
    [['verfy', 'oriel.db'], "Unknown command 'verfy'. Did you mean verify?\n"],
    [['verify'], "Missing required argument 'FILE'.\n"],
    [['export'], "Required option '--data <folder>' not specified.\n"],
    [['verify', '/nowhere'], 'There is no record at /nowhere.\n'],
    [['serve', '--port', '80000'], '--port is "80000": it must be a whole number from 0 to 65535.\n'],
    [['serve', '--host', '0.0.0.0'], /^--host is "0\.0\.0\.0", which others can reach/],
  ])('%j is answered with a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await oriel(args, { cwd: temporaryFolder() });
    expect(code).toBe(args[0] === 'serve' && args[1] !== '--prot' ? 1 : 2);
    expect(stdout).toBe('');
    if (typeof sentence === 'string') expect(stderr).toBe(sentence);
    else expect(stderr).toMatch(sentence);
  });
});

describe('oriel serve', () => {
  test('serves a folder, and leaves at a signal', async () => {
    const data = temporaryFolder();
    const { url, leave } = await serving(MODELS, '--data', data, '--audit', 'buffered');
    expect(await predict(url, 'boston-housing')).toMatchObject({ prediction: [expect.closeTo(30.0038, 3)] });
    await leave();
    expect(await oriel(['verify', data])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^The record is as it was written: 1 record, 1 checkpoint, head /,
      ) as string,
    });
  });

  test('serves one file, under its name', async () => {
    const file = join(temporaryFolder(), 'house prices.onnx');
    copyFileSync(join(MODELS, 'boston-housing/1/model.onnx'), file);
    const { url, leave } = await serving(file, '--data', temporaryFolder());
    expect(await (await fetch(`${url}/v1/models/house-prices`)).json()).toMatchObject({ state: 'ready' });
    await leave();
  });

  test('names the option where the folder it names cannot be used', async () => {
    const file = join(temporaryFolder(), 'file');
    copyFileSync(join(MODELS, 'boston-housing/model.json'), file);
    const { code, stderr } = await oriel(['serve', MODELS, '--data', join(file, 'data')]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(--data)') as string,
    });
  });
});

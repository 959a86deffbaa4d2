import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A built server of its own, on any free port, with a copy of the small models. */
export interface RunningServer {
  url: string;
  models: string;
  stop(): Promise<void>;
}

/** Starts `dist/main.js` and waits for its banner. */
export async function startServer(): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-v2-'));
  const models = join(folder, 'models');
  cpSync('test/fixtures/models', models, { recursive: true });
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { ...process.env, ORIEL_PORT: '0', ORIEL_MODELS: models, ORIEL_DATA: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const match = /http:\/\/[\d.]+:\d+/.exec(out);
      if (match) resolve(match[0]);
    });
    void exited.then((code) => reject(new Error(`the server left with ${code}: ${log}`)));
  });
  return {
    url,
    models,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The built server over a models directory, on a free port and with a data folder of its own. */
export class TonguesServer {
  private constructor(
    readonly address: string,
    private readonly child: ChildProcess,
    private readonly data: string,
  ) {}

  static async start(models: string): Promise<TonguesServer> {
    const data = mkdtempSync(join(tmpdir(), 'oriel-tongues-'));
    const child = spawn(process.execPath, ['dist/main.js'], {
      env: {
        ...process.env,
        ORIEL_PORT: '0',
        ORIEL_MODELS: models,
        ORIEL_DATA: data,
        ORIEL_INFERENCE_THREADS: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const address = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const found = /Oriel is ready at (\S+)/.exec(output)?.[1];
        if (found) resolve(found);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', () => reject(new Error(`the server did not start:\n${output}`)));
    });
    return new TonguesServer(address, child, data);
  }

  get(path: string, method = 'GET'): Promise<Response> {
    return fetch(this.address + path, { method });
  }

  post(path: string, body: unknown, type = 'application/json'): Promise<Response> {
    return fetch(this.address + path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** The record of an answer. */
  async recordOf(response: Response): Promise<Record<string, unknown>> {
    const found = await this.get(`/v1/audit/requests/${response.headers.get('x-request-id')}`);
    return (await found.json()) as Record<string, unknown>;
  }

  async stop(): Promise<void> {
    const left = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await left;
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** The lecture's apartment, and the answer to it. */
export const APARTMENT = {
  CRIM: 0.00632, ZN: 18, INDUS: 2.31, CHAS: 0, NOX: 0.538, RM: 6.575, AGE: 65.2, DIS: 4.09, RAD: 1, TAX: 296, PTRATIO: 15.3, B: 396.9,
  LSTAT: 4.98,
}; // prettier-ignore
export const PRICE = 30.00384337701678;

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spread, type Results } from './measured.js';
import { ROOT, startOriel, temporaryFolder, type Server } from './servers.js';

const STARTS = 5;
const MODELS = 3;
/** How long a started server is left alone before its memory is read, ms. */
const IDLE = 3000;
const READY_LIMIT = 10_000;

/** From spawning the process to its address printed and its readiness 200; then its memory when nobody asks. */
export async function measureStarts(tell: (line: string) => void): Promise<Results['start']> {
  tell('start');
  const models = temporaryFolder();
  for (let i = 1; i <= MODELS; i++) {
    cpSync(join(ROOT, 'models', 'boston-housing'), join(models, `boston-housing-${i}`), { recursive: true });
  }
  const ready: number[] = [];
  const resident: number[] = [];
  for (let i = 1; i <= STARTS; i++) {
    const begin = performance.now();
    const server = await startOriel('strict', { models });
    await untilReady(server);
    const seconds = (performance.now() - begin) / 1000;
    await sleep(IDLE);
    ready.push(seconds);
    resident.push(residentMiB(server.pid));
    tell(`  start ${i} of ${STARTS}: ${seconds.toFixed(2)} s`);
    await server.stop();
  }
  return { starts: STARTS, models: MODELS, ready: spread(ready), residentMiB: spread(resident) };
}

export async function untilReady(server: Server): Promise<void> {
  const limit = performance.now() + READY_LIMIT;
  while ((await fetch(`${server.address}/health/ready`)).status !== 200) {
    if (performance.now() > limit) throw new Error(`${server.address}/health/ready does not become 200`);
    await sleep(1);
  }
}

export function residentMiB(pid: number): number {
  return residentKiB(pid) / 1024;
}

function residentKiB(pid: number): number {
  if (process.platform === 'linux') {
    return Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
}

const sleep = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds));

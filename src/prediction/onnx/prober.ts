import { formatDuration } from '../../units.js';
import { ThreadError } from '../../threads/thread.js';
import {
  MODEL_FAULT,
  type LoadAnswer,
  type LoadRequest,
  type RunAnswer,
  type RunRequest,
} from './messages.js';
import { ProbeEnded, ProbeProcess } from './probe-process.js';

/** After so long a model that loads lets others go first: by another process, or by giving up its turn once. */
const TURN_MS = 2000;
/** Most processes at once. */
const MOST = 2;
/** How long a process stays without work. */
const IDLE_MS = 5000;

/** How models are loaded, and what for that is too much. */
export interface ProbeBounds {
  /** The entry file of the process. */
  entry: URL;
  /** Milliseconds for a model to load and to answer its example. */
  timeout: number;
  /** Bytes of memory that it may take for that. */
  memory: number;
}

/** A model that is loaded in the prober, for as long as its probe lasts. */
export interface ProbedModel extends LoadAnswer {
  run(inputs: RunRequest['inputs']): Promise<RunAnswer>;
}

interface Probe {
  request: LoadRequest;
  exercise: (model: ProbedModel) => Promise<unknown>;
  /** Whether it gave up its turn already. */
  deferred: boolean;
  /** Whether it is tried again, since what crashed the process may have been another model before it. */
  again: boolean;
  /** What it is doing, for the reason to show where it ends the process. */
  doing: string;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/**
 * Loads models in a process of their own, so that a file that crashes the runtime, never comes to an end or takes all memory
 * harms nobody. A model that takes long gives up its turn for those that wait, once. Without work there is no process.
 */
export class Prober {
  private readonly waiting: Probe[] = [];
  private readonly idle = new Map<ProbeProcess, NodeJS.Timeout>();
  private readonly busy = new Set<ProbeProcess>();
  /** Processes that loaded a model before. */
  private readonly worn = new WeakSet<ProbeProcess>();
  private closed = false;

  constructor(private readonly bounds: ProbeBounds) {}

  /** Starts a process, so that the first probe need not wait for it. */
  warm(): void {
    if (this.busy.size + this.idle.size === 0) this.rest(this.start());
  }

  /**
   * Loads a model and has `exercise` ask it, all within the bounds.
   * @returns what `exercise` does
   * @throws ThreadError with the code `model` and a reason for a person where the model is to blame; what `exercise` throws
   */
  probe<T>(request: LoadRequest, exercise: (model: ProbedModel) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ request, exercise, deferred: false, again: false, doing: '', resolve, reject });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { reject } of this.waiting.splice(0))
      reject(new ProbeEnded('closed', 'the prober was closed'));
    const all = [...this.idle.keys(), ...this.busy];
    for (const process of all) process.end('closed');
    await Promise.all(all.map(({ gone }) => gone));
  }

  /** @param more whether another process may be started beside one that is at work */
  private next(more = false): void {
    if (this.closed || this.waiting.length === 0) return;
    const [resting] = this.idle.keys();
    if (!resting && this.busy.size >= (more ? MOST : 1)) return;
    const process = resting ?? this.start();
    clearTimeout(this.idle.get(process));
    this.idle.delete(process);
    this.busy.add(process);
    process.hold(true);
    const probe = this.waiting.shift() as Probe;
    void this.work(process, probe).finally(() => {
      this.busy.delete(process);
      if (process.alive) this.rest(process);
      this.next();
    });
  }

  private start(): ProbeProcess {
    const process = new ProbeProcess(this.bounds.entry, this.bounds.memory);
    void process.gone.then(() => {
      clearTimeout(this.idle.get(process));
      this.idle.delete(process);
    });
    return process;
  }

  private rest(process: ProbeProcess): void {
    process.hold(false);
    this.idle.set(process, setTimeout(() => process.end('closed'), IDLE_MS).unref());
  }

  private async work(process: ProbeProcess, probe: Probe): Promise<void> {
    const worn = this.worn.has(process);
    this.worn.add(process);
    const turn = setInterval(() => this.giveWay(process, probe), TURN_MS);
    const end = setTimeout(() => process.end('time'), this.bounds.timeout);
    try {
      probe.resolve((await this.exercised(process, probe)) as never);
    } catch (error) {
      if (!(error instanceof ProbeEnded)) probe.reject(error);
      else if (error.reason === 'turn') {
        probe.deferred = true;
        this.waiting.push(probe);
      } else if (error.reason === 'crash' && worn && !probe.again) {
        probe.again = true;
        this.waiting.unshift(probe);
      } else probe.reject(this.told(error, probe));
    } finally {
      clearInterval(turn);
      clearTimeout(end);
    }
  }

  private async exercised(process: ProbeProcess, probe: Probe): Promise<unknown> {
    const { request, exercise } = probe;
    const { key } = request;
    probe.doing = 'while loading it';
    const answer = await process.call<LoadAnswer>({ type: 'load', body: request });
    probe.doing = 'while it answered its example';
    try {
      return await exercise({
        ...answer,
        run: (inputs) => process.call<RunAnswer>({ type: 'run', body: { key, inputs } }),
      });
    } catch (error) {
      throw process.fate ?? error; // in whatever words it is told that there was no answer
    } finally {
      if (process.alive) await process.call({ type: 'unload', body: key });
    }
  }

  /** Whoever waits behind a model that takes long gets another process, or its place. */
  private giveWay(process: ProbeProcess, probe: Probe): void {
    if (this.waiting.length === 0) return;
    if (this.busy.size + this.idle.size < MOST) this.next(true);
    else if (!probe.deferred && this.waiting.some(({ deferred }) => !deferred)) process.end('turn');
  }

  private told(ended: ProbeEnded, { doing }: Probe): Error {
    const { timeout, memory } = this.bounds;
    if (ended.reason === 'closed') return ended;
    const reason = {
      start: 'The server could not start the process in which models are tried; its log says why.',
      crash: `The runtime crashed ${doing}.`,
      turn: '',
      time: `It was not loaded and tried within ${formatDuration(timeout)} (ORIEL_LOAD_TIMEOUT).`,
      memory: `It takes more memory than ${Math.floor(memory / 2 ** 20)} MiB to load and try it (ORIEL_LOAD_MEMORY).`,
    }[ended.reason];
    const error = new ThreadError(MODEL_FAULT, reason, ended.stack);
    error.cause = ended;
    return error;
  }
}

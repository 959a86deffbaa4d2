import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Lanes } from '../../batching/lanes.js';
import { usableCpus } from '../../config/cpus.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../../threads/entries.js';
import { givenUp, Restarts } from '../../threads/restarts.js';
import { Thread, ThreadError } from '../../threads/thread.js';
import type { NamedTensor } from '../signature.js';
import {
  type LoadAnswer,
  type LoadRequest,
  type ModelIdentity,
  type RunAnswer,
  type RunRequest,
} from './messages.js';

/** Wait after a try to start a thread that failed. */
const RESTART_PAUSE_MS = 1000;

/** A model to load, and what is known of it already. */
export interface Loading {
  key: string;
  path: string;
  /** What its files must be. */
  expected?: ModelIdentity;
  /** CPUs that a run is divided among. */
  threads?: number;
}

/** What runs the batches of a model: the threads, or a prober. */
export type ModelRunner = Pick<InferencePool, 'lanes' | 'run' | 'unload'>;

/** A place for a thread: the one that works there now, or the promise of the next. */
interface Place {
  thread: Promise<Thread>;
  alive: boolean;
  /** Runs that it has not answered. */
  running: number;
  /** When it was last asked, on the monotonic clock. */
  usedAt: number;
  /** Whether it holds memory of models that are gone. */
  worn: boolean;
  restarts: Restarts;
  /** Whether threads died here so often that none is started any more. */
  givenUp: boolean;
}

/**
 * The threads that run models. Every thread holds every model; a lane is a thread, and runs one batch at a time. One that dies
 * is replaced, unless that happens again and again: what it was running fails, what comes meanwhile waits for its successor. So is one that let models go, once
 * nobody has asked it for a while: the runtime and the engine give back all of a thread's memory only with the thread.
 */
@Injectable()
export class InferencePool implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('Inference');
  private readonly places: Place[];
  /** What a new thread has to load. */
  private readonly loads = new Map<string, LoadRequest>();
  private closing = false;
  private readonly end = new AbortController();
  private renewing = false;
  private recycling: NodeJS.Timeout | undefined;
  readonly lanes: Lanes;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(THREAD_ENTRIES) private readonly entries: ThreadEntries,
  ) {
    this.lanes = new Lanes(settings.inferenceThreads, setImmediate);
    this.places = Array.from({ length: settings.inferenceThreads }, (_, lane) => this.place(lane));
  }

  async onModuleInit(): Promise<void> {
    await Promise.all(this.places.map(({ thread }) => thread));
    const { recycleAfter } = this.settings;
    if (recycleAfter > 0)
      this.recycling = setInterval(() => this.recycleIdle(), Math.max(50, recycleAfter / 4)).unref();
  }

  /** Whether every thread lives. */
  get alive(): boolean {
    return this.places.every(({ alive }) => alive);
  }

  /** Whether a thread died so often that only a restart of the server helps. */
  get givenUp(): boolean {
    return this.places.some((place) => place.givenUp);
  }

  /**
   * Loads a model file into every thread under its key; the first finds out how many threads its runs are divided among best,
   * where that is not known.
   * @throws ThreadError with the code `model` for a file that cannot be served, and `model-changed` when not every thread read
   * the file that was expected
   */
  async load({ key, path, expected, threads = this.settings.intraOpThreads }: Loading): Promise<LoadAnswer> {
    const request: LoadRequest = {
      key,
      path,
      mostThreads: usableCpus(),
      mostColumns: this.settings.modelColumns,
      ...(expected ? { expected } : {}),
      ...(threads > 0 ? { threads } : {}),
    };
    try {
      return await this.loadEverywhere(request);
    } catch (error) {
      // Some threads may have it, and one that took its place meanwhile would load it too.
      await this.unload(key).catch((err: unknown) =>
        this.log.warn({ msg: 'a model that was not loaded may still be in a thread', key, err }),
      );
      throw error;
    }
  }

  private async loadEverywhere(request: LoadRequest): Promise<LoadAnswer> {
    const first = await (this.places[0] as Place).thread;
    const answer = await first.call<LoadAnswer>('load', request);
    const { threads, digest, weights } = answer;
    const chosen: LoadRequest = { ...request, threads, expected: { digest, weights } };
    const others = (await Promise.all(this.places.map(({ thread }) => thread))).filter(
      (one) => one !== first,
    );
    await all(others.map((thread) => thread.call('load', chosen)));
    this.loads.set(request.key, chosen);
    // A thread may have taken its place meanwhile.
    const now = await Promise.all(this.places.map(({ thread }) => thread));
    await all(
      now.filter((one) => one !== first && !others.includes(one)).map((one) => one.call('load', chosen)),
    );
    return answer;
  }

  async unload(key: string): Promise<void> {
    this.loads.delete(key);
    for (const place of this.places) place.worn = true;
    if (!this.closing) await this.everywhere('unload', key);
  }

  /** Runs one batch in the thread of `lane`. The inputs change hands: the caller must not touch their buffers again. */
  async run(lane: number, key: string, inputs: readonly NamedTensor[]): Promise<RunAnswer> {
    const request: RunRequest = { key, inputs };
    const buffers = inputs.flatMap(({ data }) => (Array.isArray(data) ? [] : [data.buffer as ArrayBuffer]));
    const place = this.places[lane] as Place;
    place.running++;
    try {
      return await (await place.thread).call<RunAnswer>('run', request, buffers);
    } finally {
      place.running--;
      place.usedAt = performance.now();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true;
    this.end.abort();
    clearInterval(this.recycling);
    await Promise.all(
      this.places.map(async ({ thread }) => (await thread.catch(() => null))?.close()), // or there is none
    );
  }

  private everywhere(type: string, body: unknown): Promise<void> {
    return all(this.places.map(async ({ thread }) => (await thread).call(type, body)));
  }

  private place(lane: number): Place {
    const thread = this.startThread(lane);
    const place: Place = {
      alive: false,
      thread,
      running: 0,
      usedAt: performance.now(),
      worn: false,
      restarts: new Restarts(this.settings.threadRestarts),
      givenUp: false,
    };
    this.watch(place, lane);
    return place;
  }

  /** A thread in which every model is loaded that can be: its file may have changed since. */
  private async startThread(lane: number): Promise<Thread> {
    const thread = await this.openThread(lane);
    for (const request of this.loads.values()) {
      await thread.call('load', request).catch((error: unknown) =>
        this.log.error({
          msg: 'a new inference thread could not load a model',
          key: request.key,
          err: error,
        }),
      );
    }
    if (!thread.alive) throw new Error(`${thread.name} died before it had loaded every model`);
    return thread;
  }

  /** As `startThread`, again and again until there is one: without it the place would be lost. */
  private async startInstead(lane: number, wait: number): Promise<Thread> {
    await pause(wait, undefined, { signal: this.end.signal });
    for (;;) {
      try {
        return await this.startThread(lane);
      } catch (error) {
        if (this.closing) throw error;
        this.log.error({ msg: 'an inference thread could not be replaced; it is tried again', err: error });
        await pause(RESTART_PAUSE_MS, undefined, { signal: this.end.signal });
      }
    }
  }

  private openThread(lane: number): Promise<Thread> {
    return Thread.start(`inference-${lane + 1}`, this.entries.inference, undefined);
  }

  private watch(place: Place, lane: number): void {
    place.thread.then(
      (thread) => {
        place.alive = true;
        thread.onDeath = (error) => this.replace(place, lane, error);
      },
      () => undefined, // told to whoever waits for the thread
    );
  }

  private replace(place: Place, lane: number, error: ThreadError): void {
    place.alive = false;
    if (this.closing) return;
    const wait = place.restarts.died();
    if (wait === null) return this.giveUp(place, lane, error);
    this.log.error({ msg: 'an inference thread died and is replaced', err: error });
    place.thread = this.startInstead(lane, wait);
    this.watch(place, lane);
  }

  private giveUp(place: Place, lane: number, error: ThreadError): void {
    place.givenUp = true;
    place.thread = Promise.reject(givenUp(`inference-${lane + 1}`, error.message));
    place.thread.catch(() => undefined); // told to whoever asks it
    this.log.fatal({ msg: 'an inference thread died again and again; a restart is needed', err: error });
  }

  private recycleIdle(): void {
    const since = performance.now() - this.settings.recycleAfter;
    const idle = ({ worn, alive, running, usedAt }: Place): boolean =>
      worn && alive && running === 0 && usedAt <= since;
    const lane = this.renewing ? -1 : this.places.findIndex(idle); // one at a time: each needs the memory of two
    const place = this.places[lane];
    if (!place) return;
    this.renewing = true;
    place.worn = false;
    this.renew(place, lane)
      .catch((error: unknown) => {
        place.worn = true; // and tried again
        place.usedAt = performance.now();
        if (!this.closing)
          this.log.error({ msg: 'an idle inference thread could not be replaced', err: error });
      })
      .finally(() => (this.renewing = false));
  }

  /** Puts a fresh thread, with every model loaded, in the place of one that lives. Where that fails, all stays as it is. */
  private async renew(place: Place, lane: number): Promise<void> {
    const next = await this.openThread(lane);
    const loaded = new Set<string>();
    const missing = (): LoadRequest[] => [...this.loads.values()].filter(({ key }) => !loaded.has(key));
    try {
      for (let left = missing(); left.length > 0 && !this.closing; left = missing()) {
        for (const request of left) {
          await next.call('load', request);
          loaded.add(request.key);
        }
      }
      if (this.closing) throw new Error('the pool closes');
    } catch (error) {
      await next.close();
      throw error;
    }
    const old = await place.thread;
    place.thread = Promise.resolve(next);
    this.watch(place, lane);
    for (const key of loaded) if (!this.loads.has(key)) await next.call('unload', key);
    await old.close(); // after what it was asked before
    this.log.log('an idle inference thread that let models go was replaced');
  }
}

/** Over when the last is. @throws what the first that failed says */
async function all(calls: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(calls)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

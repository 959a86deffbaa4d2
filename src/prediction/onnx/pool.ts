import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Lanes } from '../../batching/lanes.js';
import { usableCpus } from '../../config/cpus.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../../threads/entries.js';
import { Thread, type ThreadError } from '../../threads/thread.js';
import type { NamedTensor } from '../signature.js';
import type { LoadAnswer, LoadRequest, RunAnswer, RunRequest } from './messages.js';

/** A place for a thread: the one that works there now, or the promise of the next. */
interface Place {
  thread: Promise<Thread>;
  alive: boolean;
}

/**
 * The threads that run models. Every thread holds every model; a lane is a thread, and runs one batch at a time. One that dies
 * is replaced: what it was running fails, what comes meanwhile waits for its successor.
 */
@Injectable()
export class InferencePool implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('Inference');
  private readonly places: Place[];
  /** What a new thread has to load. */
  private readonly loads = new Map<string, LoadRequest>();
  private closing = false;
  readonly lanes: Lanes;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(THREAD_ENTRIES) private readonly entries: ThreadEntries,
  ) {
    this.lanes = new Lanes(settings.inferenceThreads);
    this.places = Array.from({ length: settings.inferenceThreads }, (_, lane) => this.place(lane));
  }

  async onModuleInit(): Promise<void> {
    await Promise.all(this.places.map(({ thread }) => thread));
  }

  /** Whether every thread lives. */
  get alive(): boolean {
    return this.places.every(({ alive }) => alive);
  }

  /**
   * Loads a model file into every thread under `key`; the first finds out how many threads its runs are divided among best.
   * @throws ThreadError with the code `model` for a file that cannot be served
   */
  async load(key: string, path: string): Promise<LoadAnswer> {
    const { intraOpThreads } = this.settings;
    const request: LoadRequest = {
      key,
      path,
      mostThreads: usableCpus(),
      ...(intraOpThreads > 0 ? { threads: intraOpThreads } : {}),
    };
    const [first, ...others] = this.places as [Place, ...Place[]];
    const answer = await (await first.thread).call<LoadAnswer>('load', request);
    const chosen = { ...request, threads: answer.threads };
    this.loads.set(key, chosen);
    await Promise.all(others.map(async ({ thread }) => (await thread).call('load', chosen)));
    return answer;
  }

  async unload(key: string): Promise<void> {
    this.loads.delete(key);
    if (!this.closing) await this.everywhere('unload', key);
  }

  /** Runs one batch in the thread of `lane`. The inputs change hands: the caller must not touch their buffers again. */
  async run(lane: number, key: string, inputs: readonly NamedTensor[]): Promise<RunAnswer> {
    const request: RunRequest = { key, inputs };
    const buffers = inputs.flatMap(({ data }) => (Array.isArray(data) ? [] : [data.buffer as ArrayBuffer]));
    const thread = await (this.places[lane] as Place).thread;
    return thread.call<RunAnswer>('run', request, buffers);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true;
    await Promise.all(this.places.map(async ({ thread }) => (await thread).close()));
  }

  private everywhere<T>(type: string, body: unknown): Promise<T[]> {
    return Promise.all(this.places.map(async ({ thread }) => (await thread).call<T>(type, body)));
  }

  private place(lane: number): Place {
    const place: Place = { alive: false, thread: this.startThread(lane) };
    this.watch(place, lane);
    return place;
  }

  private async startThread(lane: number): Promise<Thread> {
    const thread = await Thread.start(`inference-${lane + 1}`, this.entries.inference, undefined);
    for (const request of this.loads.values()) await thread.call('load', request);
    return thread;
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
    this.log.error({ msg: 'an inference thread died and is replaced', err: error });
    place.thread = this.startThread(lane);
    this.watch(place, lane);
  }
}

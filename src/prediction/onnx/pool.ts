import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Lanes } from '../../batching/lanes.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../../threads/entries.js';
import { Thread, type ThreadError } from '../../threads/thread.js';
import type { NamedTensor } from '../signature.js';
import type { LoadAnswer, LoadRequest, RunAnswer, RunRequest } from './messages.js';

/** The threads that run models. Every thread holds every model; a lane is a thread, and runs one batch at a time. */
@Injectable()
export class InferencePool implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('Inference');
  private readonly starting: Promise<Thread[]>;
  private threads: Thread[] = [];
  readonly lanes: Lanes;

  constructor(@Inject(SETTINGS) settings: Settings, @Inject(THREAD_ENTRIES) entries: ThreadEntries) {
    this.lanes = new Lanes(settings.inferenceThreads);
    this.starting = Promise.all(
      Array.from({ length: settings.inferenceThreads }, (_, n) =>
        Thread.start(`inference-${n + 1}`, entries.inference, undefined),
      ),
    );
    this.starting.catch(() => undefined); // told by onModuleInit
  }

  async onModuleInit(): Promise<void> {
    this.threads = await this.starting;
    for (const thread of this.threads)
      thread.onDeath = (error) => this.log.error({ msg: 'an inference thread died', err: error });
  }

  /** Whether every thread lives. */
  get alive(): boolean {
    return this.threads.length > 0 && this.threads.every((thread) => thread.alive);
  }

  /** Loads a model file into every thread under `key`. @throws ThreadError with the code `model` for a file that cannot be served */
  async load(request: LoadRequest): Promise<LoadAnswer> {
    const [answer] = await Promise.all(
      this.threads.map((thread) => thread.call<LoadAnswer>('load', request)),
    );
    return answer as LoadAnswer;
  }

  async unload(key: string): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.call('unload', key)));
  }

  /** Runs one batch in the thread of `lane`. The inputs change hands: the caller must not touch their buffers again. */
  run(
    lane: number,
    key: string,
    inputs: readonly NamedTensor[],
    answer: (error: ThreadError | null, result?: RunAnswer) => void,
  ): void {
    const request: RunRequest = { key, inputs };
    const buffers = inputs.flatMap(({ data }) => (Array.isArray(data) ? [] : [data.buffer as ArrayBuffer]));
    (this.threads[lane] as Thread).send(
      'run',
      request,
      (error, body) => answer(error, body as RunAnswer),
      buffers,
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

/** Where the entry files of the worker threads and of the prober are: `main.ts` knows for the build, a test for itself. */
export interface ThreadEntries {
  journal: URL;
  reader: URL;
  inference: URL;
  /** Of a process, not of a thread. */
  prober: URL;
}

/** The dependency injection token of `ThreadEntries`. */
export const THREAD_ENTRIES = Symbol('ThreadEntries');

/** The entry files beside `main`. */
export function entriesBeside(main: string): ThreadEntries {
  const entry = (name: string): URL => new URL(`./${name}.worker.js`, main);
  return {
    journal: entry('journal'),
    reader: entry('reader'),
    inference: entry('inference'),
    prober: new URL('./prober.process.js', main),
  };
}

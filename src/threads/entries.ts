/** Where the entry files of the worker threads are; a test that runs from the sources gives those of the build. */
export interface ThreadEntries {
  journal: URL;
  reader: URL;
  inference: URL;
}

/** The dependency injection token of `ThreadEntries`. */
export const THREAD_ENTRIES = Symbol('ThreadEntries');

export const BUILT_ENTRIES: ThreadEntries = {
  journal: new URL('../journal.worker.js', import.meta.url),
  reader: new URL('../reader.worker.js', import.meta.url),
  inference: new URL('../inference.worker.js', import.meta.url),
};

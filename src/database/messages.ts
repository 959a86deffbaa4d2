/** What a reader thread is started with. Its calls are named `<domain>.<query>`. */
export interface ReaderThreadData {
  dataDir: string;
  /** Whether it works at what takes long. */
  long?: boolean;
}

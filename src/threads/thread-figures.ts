/** How many threads of each kind this process has started, and how many of them died although nobody asked them to leave. */
class ThreadFigures {
  readonly started = new Map<string, number>();
  readonly died = new Map<string, number>();

  /** @param name such as `inference-2`, of the kind `inference` */
  noteStart(name: string): void {
    add(this.started, name);
  }

  noteDeath(name: string): void {
    add(this.died, name);
  }
}

function add(to: Map<string, number>, name: string): void {
  const kind = name.replace(/-\d+$/, '');
  to.set(kind, (to.get(kind) ?? 0) + 1);
}

/** Of the whole process, as threads are. */
export const threadFigures = new ThreadFigures();

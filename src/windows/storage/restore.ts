import type { Json, Sink } from '../engine/messages.js';
import { checkedDefinition, type StreamCore } from './core.js';
import type { LoadedStream, StreamState } from './loaded-stream.js';
import { elementsOf, type LogRow, type StreamLog } from './log.js';
import type { Snapshots } from './snapshots.js';

/** Takes what an engine says when it hears the log again: all of it is in the tables since it was said first. */
const SAID_BEFORE: Sink = {
  result: () => undefined,
  withdrawal: () => undefined,
  alarm: () => undefined,
};

/** The log of a stream, or its snapshot, does not say what it must. */
export class DamagedStream extends Error {
  constructor(name: string, why: string) {
    super(`the stream ${name} cannot be restored: ${why}`);
  }
}

type Restored = Pick<LoadedStream, 'meaning' | 'engine' | 'reader' | 'tail'>;

/** Brings engines to where the log ends: from the newest whole snapshot, and what the log says after it. */
export class Restorer {
  constructor(
    private readonly core: StreamCore,
    private readonly log: StreamLog,
    private readonly snapshots: Snapshots,
  ) {}

  /** @throws DamagedStream; the database's error */
  restore(state: StreamState): LoadedStream {
    const from = this.snapshots.newest(state.id);
    let restored = from === null ? undefined : this.fromSnapshot(state, from);
    let next = from;
    for (const row of this.log.after(state, from ?? 0)) {
      if (row.seq !== (next ?? row.seq)) throw new DamagedStream(state.name, `its log has a gap at ${next}`);
      restored = this.hear(state, row, restored);
      restored.tail.events += row.count;
      restored.tail.bytes += row.body.length;
      next = row.seq + row.count;
    }
    if (!restored || next !== state.nextSeq)
      throw new DamagedStream(state.name, `its log ends at ${next}, not at ${state.nextSeq}`);
    return { ...state, ...restored };
  }

  private fromSnapshot({ id, name }: StreamState, seq: number): Restored {
    const { definition, parts } = this.snapshots.read(id, seq);
    try {
      const meaning = checkedDefinition(this.core, JSON.parse(definition) as Json);
      return {
        meaning,
        engine: this.core.restore(meaning, parts),
        reader: this.core.reader(meaning),
        tail: { events: 0, bytes: 0 },
      };
    } catch (error) {
      throw new DamagedStream(name, `its snapshot at ${seq} does not read: ${String(error)}`);
    }
  }

  private hear(state: StreamState, row: LogRow, restored: Restored | undefined): Restored {
    if (row.form === 'restart') {
      const meaning = checkedDefinition(this.core, JSON.parse(row.body) as Json);
      return {
        meaning,
        engine: this.core.create(meaning),
        reader: this.core.reader(meaning),
        tail: { events: 0, bytes: 0 },
      };
    }
    if (!restored) throw new DamagedStream(state.name, 'its log does not begin at its beginning');
    if (row.form === 'tick') restored.engine.tick(Number(row.body), SAID_BEFORE);
    else if (row.form === 'definition') {
      restored.meaning = checkedDefinition(this.core, JSON.parse(row.body) as Json);
      restored.engine.redefine(restored.meaning);
      restored.reader = this.core.reader(restored.meaning);
    } else this.hearElements(state, row, restored);
    return restored;
  }

  private hearElements({ name }: StreamState, row: LogRow, { engine, reader }: Restored): void {
    elementsOf(row.body).forEach((element, index) => {
      const read = reader.read(element, row.form as 'json' | 'cloudevents', row.received);
      const refused =
        'event' in read
          ? engine.apply(read.event, SAID_BEFORE)
          : 'mark' in read
            ? engine.mark(read.mark, SAID_BEFORE)
            : { refused: read.faults[0]?.detail };
      if (refused && 'refused' in refused)
        throw new DamagedStream(name, `what it took at ${row.seq + index} is refused: ${refused.refused}`);
    });
  }
}

import type { Database } from 'better-sqlite3';
import {
  READ_ALARMS,
  READ_EMISSIONS,
  READ_HEAD,
  READ_LATE,
  READ_RAISED,
  READ_STREAM,
  READ_STREAMS,
  READ_TIMES,
  READ_WINDOW,
  READ_WINDOWS,
  type WindowsQuery,
} from '../messages.js';
import { REPLAY_CLOSE, REPLAY_NEXT, REPLAY_OPEN, type ReplayQuestion } from '../replay/messages.js';
import { ReplayJob } from '../replay/replay-job.js';
import { checkedDefinition, type StreamCore } from '../storage/core.js';
import { Emissions } from './emissions.js';
import { LateRows } from './late-rows.js';
import type { AlarmsQuery, EmissionsQuery, LateQuery, TimesQuery, WindowQuery } from './messages.js';
import { StreamRows } from './stream-rows.js';
import { Times } from './times.js';
import { WindowRows } from './window-rows.js';

/** What a reader thread can be asked about streams. Each part is made by the first question for it: most threads are never asked. */
export function streamReads(database: Database, core: StreamCore): Record<string, (body: never) => unknown> {
  const streams = once(() => new StreamRows(database));
  const windows = once(() => new WindowRows(database));
  const late = once(() => new LateRows(database));
  const emissions = once(
    () => new Emissions(database, (definition) => checkedDefinition(core, definition as never)),
  );
  const times = once(() => new Times(database, core));
  let job: ReplayJob | null = null;
  return {
    [READ_STREAMS]: () => streams().list(),
    [READ_STREAM]: (name: string) => streams().one(name),
    [READ_HEAD]: (name: string) => streams().head(name),
    [READ_RAISED]: () => streams().raised(),
    [READ_WINDOWS]: (query: WindowsQuery) => windows().page(query),
    [READ_WINDOW]: (query: WindowQuery) => windows().one(query),
    [READ_LATE]: (query: LateQuery) => late().late(query),
    [READ_ALARMS]: (query: AlarmsQuery) => late().alarms(query),
    [READ_TIMES]: (query: TimesQuery) => times().times(query),
    [READ_EMISSIONS]: (query: EmissionsQuery) => emissions().page(query),
    [REPLAY_OPEN]: (question: ReplayQuestion) => {
      job = new ReplayJob(database, core, question);
    },
    [REPLAY_NEXT]: () => {
      const answer = job?.next() ?? null;
      if (answer) job = null;
      return answer;
    },
    [REPLAY_CLOSE]: () => {
      job = null;
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

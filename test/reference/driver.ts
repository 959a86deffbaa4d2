/** Drives an engine through moves and keeps what it tells. */
import type { StreamDefinition } from '../../src/windows/engine/definition.js';
import { Engine } from '../../src/windows/engine/engine.js';
import {
  DEFAULT_LIMITS,
  type AlarmChange,
  type EngineLimits,
  type Sink,
  type WindowResult,
  type Withdrawal,
} from '../../src/windows/engine/messages.js';
import type { Told } from './compare.js';
import type { Move } from './scenarios.js';

class Collecting implements Sink {
  readonly results: WindowResult[] = [];
  readonly withdrawals: Withdrawal[] = [];
  readonly alarms: AlarmChange[] = [];
  /** Everything, in the order told. */
  readonly all: (WindowResult | Withdrawal | AlarmChange)[] = [];

  result(result: WindowResult): void {
    this.results.push(result);
    this.all.push(result);
  }

  withdrawal(withdrawal: Withdrawal): void {
    this.withdrawals.push(withdrawal);
    this.all.push(withdrawal);
  }

  alarm(change: AlarmChange): void {
    this.alarms.push(change);
    this.all.push(change);
  }
}

export class Driver {
  engine: Engine;
  /** The bytes of everything told and answered, a line a move. */
  readonly lines: string[] = [];
  /** The newest result of each window that was told and not withdrawn. */
  readonly table = new Map<string, WindowResult>();

  constructor(
    public definition: StreamDefinition,
    private readonly limits: EngineLimits = DEFAULT_LIMITS,
  ) {
    this.engine = new Engine(definition, limits);
  }

  move(move: Move): Told {
    const sink = new Collecting();
    const applied = this.tell(move, sink);
    for (const { window, start, end, key } of sink.withdrawals)
      if (!this.table.delete(nameOf(window, start, end, key))) throw new Error('withdrawn, and never told');
    for (const one of sink.results) this.table.set(nameOf(one.window, one.start, one.end, one.key), one);
    if (!('restart' in move)) this.lines.push(JSON.stringify([sink.all, applied]));
    return { applied, results: sink.results, withdrawals: sink.withdrawals };
  }

  /** Told windows in the order of their names. */
  told(): WindowResult[] {
    return [...this.table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result);
  }

  restart(): void {
    const parts = [...this.engine.snapshot()];
    this.engine = Engine.restore(this.definition, this.limits, parts);
  }

  private tell(move: Move, sink: Sink): Told['applied'] {
    if ('restart' in move) this.restart();
    else if ('tick' in move) this.engine.tick(move.tick, sink);
    else if ('redefine' in move) this.engine.redefine((this.definition = move.redefine));
    else if ('mark' in move) {
      const refused = this.engine.mark(move.mark, sink);
      if (refused !== null) throw new Error(`refused: ${refused.refused}`);
    } else {
      const applied = this.engine.apply(move.event, sink);
      if ('refused' in applied) throw new Error(`refused: ${applied.refused}`);
      return applied;
    }
    return null;
  }
}

function nameOf(window: string, start: number, end: number, key: string): string {
  return JSON.stringify([window, start, end, key]);
}

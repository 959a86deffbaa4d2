import type { Logger } from '@nestjs/common';
import type { Checkpoint } from './checkpoints.js';

/** Puts a checkpoint into the log, which may go where nobody on this machine can change it. A member of its own, since both have a time. */
export function tellCheckpoint(log: Pick<Logger, 'log'>, checkpoint: Checkpoint | null): void {
  if (checkpoint) log.log({ msg: 'checkpoint of the record', checkpoint });
}

import { Injectable, Logger } from '@nestjs/common';
import { ReadersService } from '../../database/readers.service.js';
import { READ_RAISED } from '../messages.js';
import type { RaisedAlarm } from '../queries/messages.js';
import { StreamsService } from './streams.service.js';

/** Which streams have too many late events now. */
@Injectable()
export class AlarmsService {
  private readonly log = new Logger('Streams');

  constructor(
    private readonly streams: StreamsService,
    private readonly readers: ReadersService,
  ) {}

  /** Their names; null: it cannot be found out now. Where no stream has an alarm no reader is asked. */
  async raised(): Promise<string[] | null> {
    try {
      if (!(await this.streams.anyAlarm())) return [];
      return (await this.readers.query<RaisedAlarm[]>(READ_RAISED, undefined)).map(({ name }) => name);
    } catch (error) {
      this.log.warn({ msg: 'alarms cannot be read', err: error });
      return null;
    }
  }
}

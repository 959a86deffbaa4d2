import type { LoggerService } from '@nestjs/common';
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { redact } from './redact.js';

/** Where Nest tells how it puts the application together: a hundred lines that nobody needs at every start. */
const WIRING = /^_?(RouterExplorer|RoutesResolver|InstanceLoader)$/;

/** Nest's log as JSON lines on stderr, one an entry, secrets blacked out. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(level: string, stream: DestinationStream = destination({ fd: 2, sync: true })) {
    this.pino = pino(
      {
        level,
        base: undefined,
        timestamp: pino.stdTimeFunctions.isoTime,
        serializers: { err: (error: unknown) => error }, // `redact` has made it plain
        formatters: { level: (label) => ({ level: label }) },
      },
      stream,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    const wiring = typeof rest.at(-1) === 'string' && WIRING.test(rest.at(-1) as string);
    this.write(wiring ? 'debug' : 'info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest gives the context, and sometimes a stack before it, as the last arguments. */
  private write(
    level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.length > 0 && typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    this.pino[level](redact({ context, ...entryOf(message) }));
  }
}

function entryOf(message: unknown): object {
  if (message instanceof Error) return { msg: message.message, err: message };
  return typeof message === 'object' && message !== null ? message : { msg: String(message) };
}

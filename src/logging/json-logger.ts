import type { LoggerService } from '@nestjs/common';
import { destination, pino, type Logger } from 'pino';

const SECRETS = ['authorization', 'cookie', 'key', 'password', 'token', 'secret'];

/** Where Nest tells how it puts the application together: a hundred lines that nobody needs at every start. */
const WIRING = /^_?(RouterExplorer|RoutesResolver|InstanceLoader)$/;

/** Nest's log as JSON lines on stderr, one an entry, secrets blacked out. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(level: string) {
    this.pino = pino(
      {
        level,
        base: undefined,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: pino.stdSerializers.err },
        redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      },
      destination({ fd: 2, sync: true }),
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
    if (message instanceof Error) this.pino[level]({ context, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.pino[level]({ context, ...message });
    else this.pino[level]({ context }, String(message));
  }
}

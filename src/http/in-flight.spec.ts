import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { InFlight } from './in-flight.js';
import { RequestContext } from './request-context.js';

const response = (): ServerResponse => new EventEmitter() as ServerResponse;
const arrivalOf = ({ id }: RequestContext): number => parseInt(id.replace('-', '').slice(0, 12), 16);

test('a request is in flight until it passes the gate, also when its client is gone', () => {
  const inFlight = new InFlight();
  const [first, second] = [new RequestContext(''), new RequestContext('')];
  const connection = response();
  inFlight.enter(first, connection);
  inFlight.enter(second, response());
  connection.emit('close');
  expect(inFlight.oldest).toBe(arrivalOf(first));
  inFlight.leave(first);
  expect(inFlight.oldest).toBe(arrivalOf(second));
  inFlight.leave(second);
  expect(inFlight.oldest).toBeNull();
});

test('one that never comes to the gate is not waited for for ever', () => {
  let now = 0;
  const inFlight = new InFlight(() => now);
  const context = new RequestContext('');
  const connection = response();
  inFlight.enter(context, connection);
  now = 3_600_000; // as long as its client waits, it is
  expect(inFlight.oldest).toBe(arrivalOf(context));
  connection.emit('close');
  expect(inFlight.oldest).toBe(arrivalOf(context));
  now += 600_001;
  expect(inFlight.oldest).toBeNull();
});

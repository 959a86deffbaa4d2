import type { Fault } from '../../errors.js';
import { readDefinition } from '../definition/read.js';
import { EXAMPLE } from '../definition/schema.js';
import { isJsonType } from './cloudevents.js';
import { eventReader, type ReadEvent } from './reader.js';

const NOON = Date.UTC(2026, 0, 31, 12);
const ENVELOPE = {
  specversion: '1.0',
  id: 'e-1',
  source: '/cars',
  type: 'position',
  time: '2026-01-31T12:00:00Z',
};

function read(event: object, changes: object = {}): ReadEvent {
  const answer = answerTo(event, changes);
  if (!('event' in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

function faultsOf(event: object, changes: object = {}): Fault[] {
  const answer = answerTo(event, changes);
  return 'faults' in answer ? answer.faults : [];
}

function answerTo(event: object, changes: object): ReturnType<ReturnType<typeof eventReader>['read']> {
  const answer = readDefinition({ ...EXAMPLE, ...changes });
  if ('faults' in answer) throw new Error(JSON.stringify(answer.faults));
  return eventReader(answer.definition).read(event, 'cloudevents', NOON);
}

function without(name: keyof typeof ENVELOPE): object {
  return Object.fromEntries(Object.entries(ENVELOPE).filter(([one]) => one !== name));
}

describe('a CloudEvent', () => {
  it('has its time, source and id in the envelope, and the other fields in its data', () => {
    expect(read({ ...ENVELOPE, data: { car: 'A', speed: 5, device: 'x', id: 'y', time: 1 } })).toEqual({
      event: { time: NOON, received: NOON, source: '/cars', key: '["A"]', values: [5] },
      id: '"e-1"',
      sentAt: null,
    });
  });

  it('may have its time in the data, where the envelope has none', () => {
    for (const envelope of [without('time'), { ...ENVELOPE, time: null }]) {
      expect(read({ ...envelope, data: { time: 7 } }).event.time).toBe(7);
      expect(faultsOf({ ...envelope, data: { time: 'x' } })).toMatchObject([{ pointer: '/data/time' }]);
      const inside = { eventTime: '/data/at' };
      expect(read({ ...envelope, data: { at: 7 } }, inside).event.time).toBe(7);
      expect(faultsOf({ ...envelope, data: { at: 'x' } }, inside)).toMatchObject([{ pointer: '/data/at' }]);
      expect(faultsOf({ ...envelope, data: {} })).toEqual([{ pointer: '/time', detail: 'is missing' }]);
    }
    expect(faultsOf({ ...ENVELOPE, time: 'x', data: { time: 7 } })).toMatchObject([{ pointer: '/time' }]);
  });

  it('may have among its attributes what its data does not have', () => {
    const key = ['type', 'subject', 'car', '/data/n'];
    expect(read({ ...ENVELOPE, subject: 's', car: 'B', data: { car: 'A', n: 1 } }, { key }).event.key).toBe(
      '["position","s","A",1]',
    );
    expect(read({ ...ENVELOPE, data: { type: null } }, { key }).event.key).toBe('[null,null,null,null]');
  });

  it('names wrong fields where they are', () => {
    expect(faultsOf({ ...ENVELOPE, data: { car: [], speed: 'x' } }).map(({ pointer }) => pointer)).toEqual([
      '/data/car',
      '/data/speed',
    ]);
    expect(faultsOf({ ...ENVELOPE, speed: 'x', data: {} })).toMatchObject([{ pointer: '/speed' }]);
  });

  it('must have what its specification requires', () => {
    expect(faultsOf({ data: {} })).toEqual(
      ['/specversion', '/id', '/source', '/type', '/time'].map((pointer) => ({
        pointer,
        detail: 'is missing',
      })),
    );
    expect(faultsOf({ ...ENVELOPE, specversion: '0.3' })).toEqual([
      { pointer: '/specversion', detail: 'must be "1.0"' },
    ]);
    for (const name of ['id', 'source', 'type'] as const) {
      for (const wrong of ['', 5, {}])
        expect(faultsOf({ ...ENVELOPE, [name]: wrong })).toEqual([
          { pointer: `/${name}`, detail: 'must be a text that is not empty' },
        ]);
      expect(faultsOf({ ...ENVELOPE, [name]: null })).toEqual([
        { pointer: `/${name}`, detail: 'is missing' },
      ]);
    }
  });

  it('is told from others by its source and id together', () => {
    const other = { ...ENVELOPE, source: '/trucks' };
    expect([read(ENVELOPE).event.source, read(ENVELOPE).id]).toEqual(['/cars', '"e-1"']);
    const one = { source: null };
    expect([read(ENVELOPE, one).event.source, read(other, one).event.source]).toEqual([null, null]);
    expect(read(ENVELOPE, one).id).toBe('["/cars","e-1"]');
    expect(read(other, one).id).toBe('["/trucks","e-1"]');
    expect(read(ENVELOPE, { id: null }).id).toBeNull();
  });

  it('is read also where its data is in base64', () => {
    const data_base64 = Buffer.from('{"car":"Łódź","speed":5}').toString('base64');
    expect(read({ ...ENVELOPE, data_base64 }).event).toMatchObject({ key: '["Łódź"]', values: [5] });
    for (const datacontenttype of ['application/json; charset=utf-8', 'application/vnd.car+json'])
      expect(read({ ...ENVELOPE, datacontenttype, data_base64 }).event.key).toBe('["Łódź"]');
    expect(read({ ...ENVELOPE, datacontenttype: 'image/png', data_base64 }).event.key).toBe('[null]');
    const detail = 'must be base64 of the JSON that datacontenttype announces';
    for (const wrong of [
      '%',
      5,
      Buffer.from('{').toString('base64'),
      Buffer.from([0x22, 0xff, 0x22]).toString('base64'),
    ])
      expect(faultsOf({ ...ENVELOPE, data_base64: wrong })).toEqual([{ pointer: '/data_base64', detail }]);
    expect(faultsOf({ ...ENVELOPE, data: {}, data_base64 })).toEqual([
      { pointer: '/data_base64', detail: 'cannot be beside data' },
    ]);
  });

  it.each([undefined, null, 'text', 5, true])('can do without fields, its data being %p', (data) => {
    expect(read({ ...ENVELOPE, data }).event).toMatchObject({ key: '[null]', values: [null] });
  });
});

describe('isJsonType', () => {
  it('tells JSON by its name or suffix, and takes none for JSON', () => {
    const types = [
      'application/json',
      'Application/JSON ; x=y',
      'text/json',
      'application/a.b+json',
      undefined,
      null,
    ];
    expect(types.filter((type) => !isJsonType(type))).toEqual([]);
    expect(['text/plain', 'json', '', 5, 'application/xml', 'application/jsonl'].filter(isJsonType)).toEqual(
      [],
    );
  });
});

import { uuidv7 } from 'uuidv7';
import { OrielError } from '../../errors.js';
import { readErasure, readHold } from './body.js';
import { MAX_RECORDS } from './messages.js';

const ID = uuidv7();

function pointersOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof OrielError && error.kind === 'invalid')
      return error.faults.map(({ pointer }) => pointer);
    throw error;
  }
  return [];
}

describe('what a hold is asked with', () => {
  it('is read, times in either form', () => {
    const filter = { id: ID.toUpperCase(), model: 'm', from: '2026-01-31T12:00:00Z', to: 1769860800001 };
    expect(readHold({ reason: 'a case', filter })).toEqual({
      reason: 'a case',
      filter: { id: ID, model: 'm', from: 1769860800000, to: 1769860800001 },
    });
  });

  it.each<[unknown, string[]]>([
    [undefined, ['', '/reason']],
    [[], ['', '/reason']],
    [{ filter: { model: 'm' } }, ['/reason']],
    [{ reason: ' ', filter: { model: 'm' } }, ['/reason']],
    [{ reason: 'r', filter: {} }, ['/filter']],
    [{ reason: 'r' }, ['/filter']],
    [{ reason: 'r', filter: 'm' }, ['/filter']],
    [{ reason: 'r', filter: { modle: 'm', id: 'x', from: 'now', outcome: 'fine', model: 7 } },
      ['/filter/modle', '/filter/id', '/filter/from', '/filter/outcome', '/filter/model']],
    [{ reason: 'r', filter: { model: 'm' }, until: 1 }, ['/until']],
    [{ reason: 'r', filter: { constructor: 'm' } }, ['/filter/constructor']],
  ])('%j is refused by name', (body, pointers) => expect(pointersOf(() => readHold(body))).toEqual(pointers)); // prettier-ignore
});

describe('what is to be erased', () => {
  it('is read', () => {
    expect(readErasure({ principal: 'ann' })).toEqual({
      principal: 'ann',
      payloadsOnly: false,
      reason: null,
    });
    expect(readErasure({ record: ID, payloadsOnly: true, reason: 'r' })).toEqual({
      records: [ID],
      payloadsOnly: true,
      reason: 'r',
    });
    expect(readErasure({ records: [ID, ID.toUpperCase()] })).toMatchObject({ records: [ID] });
  });

  it.each<[unknown, string[]]>([
    [null, ['']],
    [{}, ['']],
    [{ principal: 'ann', record: ID }, ['']],
    [{ principal: 7 }, ['/principal']],
    [{ principal: '' }, ['/principal']], // nobody: it would be everybody who did not say who they are
    [{ records: [] }, ['/records']],
    [{ records: [ID, 'x'] }, ['/records']],
    [{ records: new Array(MAX_RECORDS + 1).fill(ID) }, ['/records']],
    [{ record: ID, payloadsOnly: 1, reason: '', why: '' }, ['/payloadsOnly', '/reason', '/why']],
  ])('%j is refused by name', (body, pointers) => expect(pointersOf(() => readErasure(body))).toEqual(pointers)); // prettier-ignore
});

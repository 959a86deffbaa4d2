import { parseArgs } from 'node:util';

export interface Options {
  rounds: number;
  seconds: number;
  connections: number[];
  rate: number;
  closed: boolean;
  open: boolean;
  start: boolean;
  bulk: boolean;
  conditional: boolean;
  audit: boolean;
  windows: boolean;
  /** Records to seed, or a folder that has them. */
  records: number;
  data: string | undefined;
  wrk: boolean;
  json: string | undefined;
}

export const USAGE = `npm run bench -- [options]

  --rounds N         rounds for each server (5; 0 leaves the closed loop out)
  --seconds N        length of a round (5)
  --connections A,B  connections of the closed loop (64,1)
  --open             also the open loop: requests sent when they are due, whatever became of the others
  --rate N           its requests a second (16667: a million people, one request a minute each)
  --start            also the time from start to ready, and the memory of an idle server
  --bulk             also many rows in one request, and files of rows
  --conditional      also GETs that are answered 304
  --audit            also what the record costs, and asking it while predictions go on
  --windows          also the window engine, events over HTTP, a million keys
  --records N        records that are asked (1000000), seeded for it
  --data FOLDER      a data folder of "npm run seed" to ask in their place; what is asked is added to its record
  --wrk              the closed loop by wrk, where it is installed, instead of autocannon
  --json FILE        also write the results to FILE

Settings of Oriel in the environment (ORIEL_INFERENCE_THREADS=2) are passed on, and told.
`;

/** @throws Error with a sentence when an option has a wrong value */
export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64,1' },
      rate: { type: 'string', default: '16667' },
      open: { type: 'boolean', default: false },
      start: { type: 'boolean', default: false },
      bulk: { type: 'boolean', default: false },
      conditional: { type: 'boolean', default: false },
      audit: { type: 'boolean', default: false },
      windows: { type: 'boolean', default: false },
      records: { type: 'string', default: '1000000' },
      data: { type: 'string' },
      wrk: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const rounds = whole('--rounds', values.rounds, 0);
  return {
    rounds: rounds || 5,
    seconds: whole('--seconds', values.seconds, 1),
    connections: values.connections.split(',').map((text) => whole('--connections', text, 1)),
    rate: whole('--rate', values.rate, 1),
    closed: rounds > 0,
    open: values.open,
    start: values.start,
    bulk: values.bulk,
    conditional: values.conditional,
    audit: values.audit,
    windows: values.windows,
    records: whole('--records', values.records, 1),
    data: values.data,
    wrk: values.wrk,
    json: values.json,
  };
}

function whole(option: string, text: string, least: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${option} is "${text}": it must be a whole number from ${least} on.`);
}

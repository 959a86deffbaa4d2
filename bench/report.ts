/** The results as tables, for the terminal and for the README. */
import type { ClosedRow, OpenRow, Results, ServerName, Spread } from './measured.js';

export interface Table {
  title: string;
  header: string[];
  rows: string[][];
  notes: string[];
}

/** From this share of a core on, the load generator is what limits the figures. */
const SATURATED = 0.9;

/** Load average from which on the machine was not ours alone. */
const BUSY = 0.5;

const NAMES: Record<ServerName, string> = {
  bare: 'bare node:http',
  strict: 'Oriel, strict',
  buffered: 'Oriel, buffered',
};

export function tables(results: Results): Table[] {
  return [
    ...closedTables(results.closed),
    ...openTables(results.open),
    ...conditionalTables(results.conditional),
    ...bulkTables(results.bulk),
    ...auditTables(results.audit),
    ...windowTables(results.windows),
    ...startTables(results.start),
  ];
}

function closedTables(closed: Results['closed']): Table[] {
  return (closed?.loads ?? []).map(({ connections, rows }) => ({
    title:
      `${connections} ${connections === 1 ? 'connection' : 'connections'}, closed loop by ${closed?.generator}: ` +
      `medians of ${closed?.rounds} interleaved rounds of ${closed?.seconds} s`,
    header: ['server', 'requests/s', 'of bare (min–max)', 'p50 ms', 'above bare', 'p99 ms', 'failures'],
    rows: rows.map((row) => [
      NAMES[row.server],
      count(row.requestsPerSecond.median),
      row.server === 'bare' ? '1' : range(row.ratio),
      row.p50.median.toFixed(2),
      row.server === 'bare' ? '–' : row.p50AboveBare.median.toFixed(2),
      row.p99.median.toFixed(2),
      count(row.failures),
    ]),
    notes: saturation(rows),
  }));
}

function openTables(open: Results['open']): Table[] {
  if (!open) return [];
  return [
    {
      title:
        `Open loop, ${count(open.requestsPerSecond)} requests/s offered: ` +
        `${open.rounds} interleaved rounds of ${open.seconds} s, latency from the moment a request was due`,
      header: ['server', 'offered', 'lost', 'p50 ms', 'p99 ms (min–max)', 'longest ms', 'generator p99 ms'],
      rows: open.rows.map((row) => [
        NAMES[row.server],
        count(row.offered),
        count(row.lost),
        row.p50.median.toFixed(2),
        range(row.p99),
        row.max.toFixed(1),
        row.generatorLag.median.toFixed(2),
      ]),
      notes: saturation(open.rows),
    },
  ];
}

function conditionalTables(conditional: Results['conditional']): Table[] {
  if (!conditional) return [];
  const { connections, generator, rounds, seconds, bare, oriel, ratio } = conditional;
  return [
    {
      title: `GETs answered 304, ${connections} connections by ${generator}: medians of ${rounds} interleaved rounds of ${seconds} s`,
      header: ['server', 'requests/s', 'of bare (min–max)'],
      rows: [
        [NAMES.bare, count(bare.median), '1'],
        [NAMES.strict, count(oriel.median), range(ratio)],
      ],
      notes: [],
    },
  ];
}

function bulkTables(bulk: Results['bulk']): Table[] {
  if (!bulk) return [];
  return [
    {
      title: `Rows in one request, strict, against one script that parses JSON, runs the model and writes JSON: medians of ${bulk.rounds} rounds`,
      header: ['form', 'rows', 'rows/s', 'of the script (min–max)'],
      rows: bulk.rows.map(({ name, rows, rowsPerSecond, ratio }, index) => [
        name,
        count(rows),
        count(rowsPerSecond.median),
        index === 0 ? '1' : range(ratio),
      ]),
      notes: [],
    },
  ];
}

function auditTables(audit: Results['audit']): Table[] {
  if (!audit) return [];
  const { cost, asked } = audit;
  const alone = asked.rows[0]?.predictionsP99.median ?? NaN;
  return [
    {
      title: `Predictions with and without a record, ${cost.connections} connections by autocannon: medians of ${cost.rounds} interleaved rounds of ${cost.seconds} s`,
      header: ['on record', 'requests/s', 'of nothing recorded (min–max)'],
      rows: [
        ['nothing', count(cost.none.median), '1'],
        ['everything, strict', count(cost.strict.median), range(cost.kept)],
      ],
      notes: [],
    },
    {
      title:
        `A record of ${count(asked.records)} requests is asked while ${count(asked.requestsPerSecond)} predictions/s come, ` +
        `half of the above: ${asked.rounds} rounds of ${asked.seconds} s each`,
      header: [
        'asked',
        'times',
        'p50 ms',
        'p99 ms',
        'rows/s',
        'predictions p99 ms (min–max)',
        'of alone',
        'lost',
      ],
      rows: asked.rows.map((row, index) => [
        row.name,
        index === 0 ? '–' : count(row.asked),
        index === 0 ? '–' : row.p50.toFixed(1),
        index === 0 ? '–' : row.p99.toFixed(1),
        row.rowsPerSecond ? count(row.rowsPerSecond.median) : '–',
        range(row.predictionsP99),
        index === 0 ? '1' : (row.predictionsP99.median / alone).toFixed(2),
        count(row.lost),
      ]),
      notes: [],
    },
  ];
}

function windowTables(windows: Results['windows']): Table[] {
  if (!windows) return [];
  const { rounds, engineEvents, engine, ingested, ingestion, keys } = windows;
  return [
    {
      title:
        `The window engine alone, one thread: hopping windows of 60 s with count, sum, min and max, 10,000 keys, ` +
        `${count(engineEvents)} events; medians of ${rounds} rounds`,
      header: ['windows and events', 'events/s (min–max)', 'results'],
      rows: engine.map((row, index) => [
        row.name,
        wide(row.eventsPerSecond),
        index === 0 ? '–' : count(row.results),
      ]),
      notes: [],
    },
    {
      title: `${count(ingested)} events over HTTP, NDJSON of 1,000 a request on 4 connections, on disk before the answer: medians of ${rounds} rounds`,
      header: ['events', 'events/s (min–max)'],
      rows: ingestion.map((row) => [row.name, wide(row.eventsPerSecond)]),
      notes: [],
    },
    {
      title: `${count(keys.keys)} keys with a window open each`,
      header: ['what', 'figure'],
      rows: [
        ['resident memory of the server, MiB', keys.residentMiB.toFixed(0)],
        ['before the first event, MiB', keys.idleMiB.toFixed(0)],
        [`from start to ready with ${count(keys.openWindows)} open windows, s`, keys.restart.toFixed(1)],
      ],
      notes: [],
    },
  ];
}

function startTables(start: Results['start']): Table[] {
  if (!start) return [];
  return [
    {
      title: `Start with ${start.models} models: median (min–max) of ${start.starts}`,
      header: ['what', 'figure'],
      rows: [
        ['from start to ready, s', range(start.ready)],
        ['resident memory 3 s later, MiB', range(start.residentMiB, 0)],
      ],
      notes: [],
    },
  ];
}

function saturation(rows: readonly (ClosedRow | OpenRow)[]): string[] {
  const limited = rows.filter((row) => (row.generatorLoad ?? 0) >= SATURATED);
  if (limited.length === 0) return [];
  return [
    `The load generator took ${SATURATED * 100} % of a core or more for: ` +
      `${limited.map((row) => NAMES[row.server]).join(', ')}. It, not the server, may be the limit there.`,
  ];
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

function range(values: Spread, digits = 2): string {
  const text = (value: number): string => value.toFixed(digits);
  return `${text(values.median)} (${text(values.min)}–${text(values.max)})`;
}

function wide({ median, min, max }: Spread): string {
  return `${count(median)} (${count(min)}–${count(max)})`;
}

/** The machine, settings that are not the defaults, and whether others were at work. */
export function setting(results: Results): string {
  const settings = Object.entries(results.settings).map(([name, value]) => `${name}=${value}`);
  const busy = results.loadBefore > BUSY ? [`already busy (load ${results.loadBefore.toFixed(1)})`] : [];
  return [results.machine, ...settings, ...busy].join(', ');
}

/** For a terminal: the first column to the left, figures to the right. */
export function plain(results: Results): string {
  const parts = tables(results).map((table) => {
    const lines = [table.header, ...table.rows];
    const widths = table.header.map((_, column) =>
      Math.max(...lines.map((line) => (line[column] ?? '').length)),
    );
    const padded = lines.map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
    return [table.title, '', ...padded, ...table.notes.flatMap((note) => ['', note])].join('\n');
  });
  return [setting(results), ...parts].join('\n\n');
}

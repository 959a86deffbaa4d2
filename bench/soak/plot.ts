/** The course of a soak as a picture: one strip a figure, over the same time. */
import { element, line, picture, text, WIDTH } from '../../scripts/event-time/svg.js';
import type { Soak } from '../soak.js';
import type { Sample } from './samples.js';

interface Strip {
  title: string;
  unit: string;
  of: (sample: Sample) => number;
}

const STRIPS: readonly Strip[] = [
  { title: 'Resident memory', unit: 'MiB', of: ({ memory }) => memory },
  { title: 'Open file descriptors', unit: '', of: ({ files }) => files },
  { title: 'Data folder', unit: 'MiB', of: ({ disk }) => disk },
  { title: 'Answers a second', unit: '', of: ({ answers }) => answers },
  { title: 'Events a second', unit: '', of: ({ events }) => events },
  { title: '99th percentile of predictions', unit: 'ms', of: ({ p99 }) => p99 },
];
const HEIGHT = 74;
const TOP = 44;
const LEFT = 16;
const RIGHT = 84;
const ROOM = 22;
/** Most points of a line: more could not be told apart. */
const POINTS = 360;

export function plot({ samples, verdict, requestsPerSecond }: Soak): string {
  const end = samples.at(-1)?.at ?? 1;
  const x = (at: number): number => LEFT + (at / end) * (WIDTH - LEFT - RIGHT);
  const step = Math.max(1, Math.ceil(samples.length / POINTS));
  const shown = samples.filter((_, index) => index % step === 0);
  const strips = STRIPS.map((strip, index) => drawn(strip, shown, TOP + index * HEIGHT, x));
  const bottom = TOP + STRIPS.length * HEIGHT;
  const minutes = Array.from({ length: 7 }, (_, index) => (end * index) / 6);
  const axis = minutes.map((at) =>
    text(x(at), bottom + 12, `${Math.round(at / 60)} min`, 'small muted middle'),
  );
  const title = `${verdict.minutes} minutes of mixed traffic, ${requestsPerSecond} requests a second, ${verdict.errors} errors`;
  return picture(bottom + 24, title, [text(LEFT, 24, title, 'head'), ...strips, ...axis]);
}

function drawn(
  { title, unit, of }: Strip,
  samples: readonly Sample[],
  top: number,
  x: (at: number) => number,
): string {
  const most = Math.max(...samples.map(of), 0);
  const high = most > 0 ? most * 1.1 : 1;
  const y = (value: number): number => top + HEIGHT - 6 - (value / high) * (HEIGHT - 6 - ROOM);
  const d = samples.map((sample, index) => `${index === 0 ? 'M' : 'L'}${x(sample.at).toFixed(1)} ${y(of(sample)).toFixed(1)}`).join(''); // prettier-ignore
  const last = samples.at(-1);
  const shown = (value: number): string => `${value >= 100 ? Math.round(value) : value.toFixed(1)}${unit && ` ${unit}`}`; // prettier-ignore
  return element(
    'g',
    {},
    text(LEFT, top + 14, title, 'small'),
    text(WIDTH - LEFT, top + 14, `most ${shown(most)}`, 'small muted end'),
    line(LEFT, y(0), WIDTH - RIGHT, y(0), 'axis'),
    element('path', { d, class: 'watermark' }),
    text(WIDTH - RIGHT + 6, y(last ? of(last) : 0) + 4, last ? shown(of(last)) : '', 'small'),
  );
}

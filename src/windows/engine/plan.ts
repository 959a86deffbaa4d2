import { Kit } from './aggregates/kit.js';
import { AlignedWindows, type Member } from './aligned.js';
import { BlockFold } from './block-fold.js';
import { CalendarGrid } from './calendar.js';
import type { WindowDefinition } from './definition.js';
import { below, gridOf, isAligned, type AlignedWindow, type Slicing } from './grid.js';
import type { EngineLimits } from './messages.js';
import type { Operator } from './operator.js';
import { SessionWindows } from './sessions.js';
import { SlidingWindows } from './sliding.js';

/** A window of at most so many slices is folded anew each time. */
const FEW_SLICES = 4;

/** Definitions that share their slices. */
export interface Group {
  windows: Readonly<Record<string, WindowDefinition>>;
  /** Names of those that are no longer asked for: their part of what is kept stays, and nothing is said of it. */
  silent: readonly string[];
}

/** What operators need to know beside their definitions. */
export interface Surroundings {
  /** The fields of `EngineEvent.values`, in their order. */
  fields: readonly string[];
  lateness: number;
  limits: EngineLimits;
}

/** Where the slices of a definition begin: at `offset + k · period`, and, where `cut` is not 0, at `cut` after each of those too. */
interface Edges {
  period: number;
  offset: number;
  cut: number;
}

/**
 * Which definitions share their slices: those whose edges are all edges of another, and whose windows are no longer than its longest,
 * so that sharing never keeps a slice longer than it is kept anyway.
 * @returns those that share together; in the order of the definitions
 */
export function groupsOf(windows: Readonly<Record<string, WindowDefinition>>): Group[] {
  const names = Object.keys(windows);
  const groups: { edges: Edges | null; size: number; names: string[] }[] = [];
  const finestFirst = names
    .map((name) => ({ name, ...reach(windows[name] as WindowDefinition) }))
    .sort((a, b) => (a.edges?.period ?? 0) - (b.edges?.period ?? 0) || b.size - a.size);
  for (const { name, edges, size } of finestFirst) {
    const host = groups.find(
      (group) => edges && group.edges && size <= group.size && contains(group.edges, edges),
    );
    if (host) host.names.push(name);
    else groups.push({ edges, size, names: [name] });
  }
  const place = (name: string): number => names.indexOf(name);
  return groups
    .map((group) => group.names.sort((a, b) => place(a) - place(b)))
    .sort(([a], [b]) => place(a as string) - place(b as string))
    .map((group) => ({
      windows: Object.fromEntries(group.map((name) => [name, windows[name] as WindowDefinition])),
      silent: [],
    }));
}

/** Makes the operator of a group. @param index its place among the operators of its engine */
export function operatorOf(index: number, group: Group, surroundings: Surroundings): Operator {
  const { fields, lateness, limits } = surroundings;
  const kit = new Kit(
    Object.values(group.windows).map(({ aggregates }) => aggregates),
    fields,
    limits,
  );
  const [[name, window] = []] = Object.entries(group.windows);
  if (name === undefined || !window) throw new Error('a group has at least one window');
  if (window.type === 'session') return new SessionWindows(index, name, window, kit, lateness);
  if (window.type === 'sliding') return new SlidingWindows(index, name, window, kit, surroundings);
  const aligned = Object.entries(group.windows) as [string, AlignedWindow][];
  const edges = finest(aligned.map(([, one]) => edgesOf(one)));
  const members = aligned.map(([one, definition]): Member => ({
    name: one,
    grid: gridOf(definition),
    read: kit.reader(definition.aggregates),
    blocks: edges && blocksOf(definition, edges, kit),
    silent: group.silent.includes(one),
  }));
  const slicing = window.type === 'calendar' ? new CalendarGrid(window) : uniform(edges as Edges);
  return new AlignedWindows(index, members, slicing, kit, lateness);
}

function blocksOf(window: AlignedWindow, edges: Edges, kit: Kit): BlockFold | null {
  if (window.type === 'calendar' || window.size / edges.period <= FEW_SLICES || kit.isBulky) return null;
  const { size, offset } = window;
  const length = window.type === 'hopping' ? Math.ceil(size / window.every) * window.every : size;
  return new BlockFold(kit, length, offset);
}

function reach(window: WindowDefinition): { edges: Edges | null; size: number } {
  if (!isAligned(window) || window.type === 'calendar') return { edges: null, size: 0 };
  return { edges: edgesOf(window), size: window.size };
}

function edgesOf(window: AlignedWindow): Edges | null {
  switch (window.type) {
    case 'calendar':
      return null;
    case 'tumbling':
      return { period: window.size, offset: window.offset, cut: 0 };
    case 'cumulative':
      return { period: window.step, offset: window.offset % window.step, cut: 0 };
    case 'hopping':
      return { period: window.every, offset: window.offset, cut: window.size % window.every };
  }
}

function finest(all: readonly (Edges | null)[]): Edges | null {
  const some = all.filter((edges) => edges !== null);
  return some.find((edges) => some.every((other) => contains(edges, other))) ?? null;
}

function contains(outer: Edges, inner: Edges): boolean {
  if (inner.period % outer.period !== 0) return false;
  const isEdge = (at: number): boolean => {
    const within = at - below(at, outer.period, outer.offset);
    return within === 0 || (outer.cut > 0 && within === outer.cut);
  };
  return isEdge(inner.offset) && (inner.cut === 0 || isEdge(inner.offset + inner.cut));
}

function uniform({ period, offset, cut }: Edges): Slicing {
  return {
    sliceOf: (time) => {
      const start = below(time, period, offset);
      return cut > 0 && time - start >= cut ? start + cut : start;
    },
  };
}

/**
 * Fills the marked parts of the page: `<!-- definition:NAME -->`, `<!-- picture:NAME -->`, `<!-- table:NAME -->` and, within a
 * sentence, `<!-- fact:NAME -->`, each up to its `<!-- /… -->`. What it shows of definitions and events it also holds against the code.
 */
import { eventReader } from '../../src/windows/events/reader.js';
import { FACTS } from './facts.js';
import type { Picture } from './pictures.js';
import { definitionOf, time, type Story } from './play.js';
import * as clocks from './stories/clocks.js';
import * as kinds from './stories/kinds.js';
import { TABLES } from './tables.js';

const PART = /<!-- (definition|picture|table|fact):([\w.]+) -->[^]*?<!-- \/\1 -->/g;
/** Markdown takes a line that begins with a comment for HTML, which ends the paragraph. */
const MISPLACED = /^ *<!-- fact:[\w.]+/m;
const CODE = /```(json|ndjson)\n([^]*?)```/g;

/** @throws Error with a sentence where the page wants what nobody makes, or leaves a picture or a fact out */
export function filled(page: string, drawn: ReadonlyMap<string, Picture>): string {
  const misplaced = MISPLACED.exec(page);
  if (misplaced) throw new Error(`${misplaced[0].trim()} must not begin a line.`);
  const used = new Set<string>();
  const text = page.replace(PART, (_, kind: string, name: string) => {
    used.add(`${kind}:${name}`);
    const content = contentOf(kind, name, drawn);
    const [before, after] = kind === 'fact' ? ['', ''] : ['\n\n', '\n\n'];
    return `<!-- ${kind}:${name} -->${before}${content}${after}<!-- /${kind} -->`;
  });
  const made = [
    ...[...drawn.keys()].map((name) => `picture:${name}`),
    ...Object.keys(FACTS).map((name) => `fact:${name}`),
    ...Object.keys(TABLES).map((name) => `table:${name}`),
  ];
  const missing = made.filter((part) => !used.has(part));
  if (missing.length > 0) throw new Error(`The page does not show ${missing.join(', ')}.`);
  return text;
}

function contentOf(kind: string, name: string, drawn: ReadonlyMap<string, Picture>): string {
  const stories: Readonly<Record<string, Story>> = { ...kinds, ...clocks };
  const [story, picture, fact, table] = [stories[name], drawn.get(name), FACTS[name], TABLES[name]];
  if (kind === 'definition' && story) return definition(story);
  if (kind === 'picture' && picture) return `![${picture.description}](event-time/${picture.file})`;
  if (kind === 'fact' && fact) return fact();
  if (kind === 'table' && table) return table();
  throw new Error(`The page wants ${kind}:${name}, which nobody makes.`);
}

/** A line a member: the formatter leaves an object broken whose first member has a line of its own. */
function definition(story: Story): string {
  return `\`\`\`json\n${JSON.stringify(story.definition).replace('{', '{\n')}\n\`\`\``;
}

/**
 * Holds what the page shows a client against what a client may send: JSON is a definition, and NDJSON what its stream takes.
 * @throws Error with the faults
 */
export function checkExamples(page: string): void {
  let reader: ReturnType<typeof eventReader> | undefined;
  for (const [, form, content = ''] of page.matchAll(CODE)) {
    if (form === 'json') reader = eventReader(definitionOf(JSON.parse(content)));
    else for (const line of content.trim().split('\n')) readLine(line, reader);
  }
}

function readLine(line: string, reader: ReturnType<typeof eventReader> | undefined): void {
  const read = reader?.read(JSON.parse(line), 'json', time('12:00:00'));
  if (!read || 'faults' in read)
    throw new Error(`The stream above would not take ${line}: ${JSON.stringify(read?.faults)}.`);
}

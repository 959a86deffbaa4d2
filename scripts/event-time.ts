/**
 * Draws the pictures of docs/event-time.md from what the window engine says to small stories, and fills in the parts of the page
 * that follow from them. With `--check` it writes nothing and fails when a picture, or what the page quotes, is not what it makes.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { checkExamples, filled } from './event-time/page.js';
import { pictures } from './event-time/pictures.js';

const DOCS = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');
const PAGE = join(DOCS, 'event-time.md');
const PICTURES = join(DOCS, 'event-time');
/** So small that a page of them loads at once. */
const MOST_BYTES = 12_000;

async function main(): Promise<void> {
  const wanted = new Map<string, string>();
  const drawn = pictures();
  for (const { file, svg } of drawn.values()) {
    if (Buffer.byteLength(svg) > MOST_BYTES) throw new Error(`${file} has more than ${MOST_BYTES} bytes.`);
    wanted.set(join(PICTURES, file), svg);
  }
  const page = filled(readFileSync(PAGE, 'utf8'), drawn);
  wanted.set(PAGE, await format(page, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
  checkExamples(page);
  refuseStrangers([...drawn.values()].map(({ file }) => file));
  if (process.argv.includes('--check')) compare(wanted);
  else for (const [path, content] of wanted) writeFileSync(path, content);
}

/** @throws Error naming pictures that nobody draws any more */
function refuseStrangers(files: readonly string[]): void {
  mkdirSync(PICTURES, { recursive: true });
  const strangers = readdirSync(PICTURES).filter((file) => !files.includes(file));
  if (strangers.length > 0)
    throw new Error(`docs/event-time/ has ${strangers.join(', ')}, which nobody draws.`);
}

function compare(wanted: ReadonlyMap<string, string>): void {
  const kept = new Set(
    readdirSync(PICTURES)
      .map((file) => join(PICTURES, file))
      .concat(PAGE),
  );
  const stale = [...wanted].filter(
    ([path, content]) => !kept.has(path) || readFileSync(path, 'utf8') !== content,
  );
  if (stale.length === 0) return;
  const names = stale.map(([path]) => path.slice(DOCS.length + 1)).join(', ');
  throw new Error(
    `In docs/, ${names} differ from what the engine says: run \`npm run pictures\` and commit what it writes.`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

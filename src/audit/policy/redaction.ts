/** What stands in a record where a value was taken out. */
export const REDACTED = '[redacted]';
/** The same as JSON. */
export const REDACTED_JSON = JSON.stringify(REDACTED);

const QUOTE = 34;
const BACKSLASH = 92;

/** A part of a record that pointers can lead into. */
export type Part = 'input' | 'output';

export interface Redacted {
  text: string;
  redacted: boolean;
}

/** The rest of some pointers from a place in a value on. */
interface Node {
  /** Whether one of them ends here. */
  end: boolean;
  members: Map<string, Node>;
  /** What `*` leads to. */
  every: Node | null;
}

/** The segments of a JSON pointer (RFC 6901), unescaped; null when it is none. */
export function segmentsOf(pointer: string): string[] | null {
  if (!/^(\/([^/~]|~[01])*)*$/.test(pointer)) return null;
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Whether one of the pointers leads to a part of the record or into it. */
export function appliesTo(pointers: readonly string[], part: Part): boolean {
  return pointers.some((pointer) => segmentsOf(pointer)?.[0] === part);
}

/**
 * Takes out of JSON texts what pointers lead to. Works on the text and not on what `JSON.parse` makes of it: numbers keep all
 * their digits, and where a name occurs twice in an object both values go.
 *
 * Laws: the result is JSON; a text that no pointer leads into comes back as it was; doing it again changes nothing; where the
 * text is an array a pointer holds for it and for each of its elements; what is neither object nor array goes whole, and so
 * does what is not JSON.
 */
export class Redactor {
  private readonly root: Node;

  constructor(pointers: readonly string[], part: Part) {
    this.root = node();
    for (const pointer of pointers) {
      const [first, ...rest] = segmentsOf(pointer) ?? [];
      if (first === part) plant(this.root, rest);
    }
  }

  /** @returns the text without what is not kept, and whether anything was taken out */
  redact(text: string): Redacted {
    if (this.root.end || !/^\s*[[{]/.test(text) || !isJson(text))
      return { text: REDACTED_JSON, redacted: true };
    return new Walk(text).from(this.root);
  }
}

/** One way through one text, which is known to be JSON. Goes no deeper than pointers do. */
class Walk {
  private at = 0;
  private copied = 0;
  private result = '';

  constructor(private readonly text: string) {}

  from(root: Node): Redacted {
    this.skipSpace();
    this.inside([root], this.text[this.at] === '[' ? [root] : []);
    return { text: this.result + this.text.slice(this.copied), redacted: this.copied > 0 };
  }

  /** @param rows nodes that hold for each element as they are */
  private inside(nodes: readonly Node[], rows: readonly Node[]): void {
    const isArray = this.text[this.at] === '[';
    this.at++;
    for (let index = 0; ; index++) {
      this.skipSpace();
      const sign = this.text[this.at];
      if (sign === ']' || sign === '}') {
        this.at++;
        return;
      }
      if (sign === ',') {
        this.at++;
        this.skipSpace();
      }
      const name = isArray ? String(index) : this.name();
      this.value([...step(nodes, name), ...rows]);
    }
  }

  private value(nodes: readonly Node[]): void {
    this.skipSpace();
    const start = this.at;
    if (nodes.some(({ end }) => end)) {
      this.skipValue();
      this.result += this.text.slice(this.copied, start) + REDACTED_JSON;
      this.copied = this.at;
    } else if (nodes.length > 0 && (this.text[start] === '{' || this.text[start] === '[')) {
      this.inside(nodes, []);
    } else this.skipValue();
  }

  private name(): string {
    const start = this.at;
    this.skipString();
    const quoted = this.text.slice(start, this.at);
    const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
    this.skipSpace();
    this.at++; // the colon
    return name;
  }

  private skipValue(): void {
    let depth = 0;
    do {
      const sign = this.text[this.at];
      if (sign === '"') this.skipString();
      else {
        if (sign === '{' || sign === '[') depth++;
        else if (sign === '}' || sign === ']') depth--;
        else if (depth === 0) return this.skipScalar();
        this.at++;
      }
    } while (depth > 0);
  }

  private skipScalar(): void {
    const end = /[\s,\]}]|$/g;
    end.lastIndex = this.at;
    this.at = end.exec(this.text)?.index ?? this.text.length;
  }

  private skipString(): void {
    const { text } = this;
    let at = this.at + 1;
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at))
      at += code === BACKSLASH ? 2 : 1;
    this.at = at + 1;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }
}

function step(nodes: readonly Node[], name: string): Node[] {
  const next: Node[] = [];
  for (const { members, every } of nodes) {
    const member = members.get(name);
    if (member) next.push(member);
    if (every) next.push(every);
  }
  return next;
}

function plant(root: Node, segments: readonly string[]): void {
  let at = root;
  for (const segment of segments) {
    if (segment === '*') at = at.every ??= node();
    else {
      let next = at.members.get(segment);
      if (!next) at.members.set(segment, (next = node()));
      at = next;
    }
  }
  at.end = true;
}

function node(): Node {
  return { end: false, members: new Map(), every: null };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

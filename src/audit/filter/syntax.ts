/**
 * The filter language of AIP-160 (https://google.aip.dev/160), read into a tree. As there, `OR` binds tighter than `AND`, terms
 * beside each other are joined by `AND`, and a restriction is a field, a comparator and a literal.
 */

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | ':';

export type Node =
  | { kind: 'and' | 'or'; parts: readonly Node[] }
  | { kind: 'not'; part: Node }
  | { kind: 'restriction'; field: string; comparator: Comparator; value: Literal; at: number };

export interface Literal {
  /** As it was written, without quotes and escapes. */
  text: string;
  /** Whether it stood in quotes, and so is a text whatever it looks like. */
  quoted: boolean;
  at: number;
}

/** What is wrong with a filter, and where: `at` counts characters from 1. */
export class FilterError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** Longest filter, in characters. */
export const MAX_FILTER = 4096;
/** Most restrictions of a filter, and most parentheses and `NOT`s within each other. */
export const MAX_TERMS = 100;
export const MAX_DEPTH = 20;

interface Token {
  kind: 'text' | 'string' | 'comparator' | '(' | ')' | '-' | 'end';
  text: string;
  at: number;
}

const COMPARATORS: readonly Comparator[] = ['!=', '<=', '>=', '=', '<', '>', ':'];
/** A word ends where one of these begins. */
const NO_WORD = /[\s()=!<>:",']/;

/** @returns null for a filter that says nothing. @throws FilterError */
export function parseFilter(text: string): Node | null {
  if (text.length > MAX_FILTER)
    throw new FilterError(`is longer than ${MAX_FILTER} characters`, MAX_FILTER + 1);
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (/\s/.test(char)) {
      at++;
      continue;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at: text.length + 1 });
  return tokens;
}

function tokenAt(text: string, from: number, before: Token | undefined): { token: Token; end: number } {
  const char = text[from] as string;
  const at = from + 1;
  if (char === '(' || char === ')') return { token: { kind: char, text: char, at }, end: from + 1 };
  if (char === '"' || char === "'") return quoted(text, from);
  const comparator = COMPARATORS.find((one) => text.startsWith(one, from));
  if (comparator)
    return { token: { kind: 'comparator', text: comparator, at }, end: from + comparator.length };
  // A minus before a term is NOT; after a comparator it begins a number.
  if (char === '-' && before?.kind !== 'comparator')
    return { token: { kind: '-', text: '-', at }, end: from + 1 };
  let end = from;
  // After a comparator a colon is part of the word: times have some.
  const stop = before?.kind === 'comparator' ? /[\s()=!<>",']/ : NO_WORD;
  while (end < text.length && !stop.test(text[end] as string)) end++;
  if (end === from)
    throw new FilterError(`has ${JSON.stringify(char)} where a field or a value should be`, at);
  return { token: { kind: 'text', text: text.slice(from, end), at }, end };
}

function quoted(text: string, from: number): { token: Token; end: number } {
  const quote = text[from];
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (char === quote) return { token: { kind: 'string', text: value, at: from + 1 }, end: at + 1 };
    if (char === '\\') value += text[++at] ?? '';
    else value += char;
  }
  throw new FilterError('has a quote that is not closed', from + 1);
}

class Parser {
  private at = 0;
  private terms = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Node | null {
    if (this.isAt('end')) return null;
    const node = this.expression(0);
    if (!this.isAt('end')) throw this.unexpected('the end of the filter');
    return node;
  }

  /** Sequences joined by AND. */
  private expression(depth: number): Node {
    if (depth > MAX_DEPTH)
      throw new FilterError(`has more than ${MAX_DEPTH} levels of parentheses and NOT`, this.peek.at);
    const parts = [...this.sequence(depth)];
    while (this.isWord('AND')) {
      this.at++;
      parts.push(...this.sequence(depth));
    }
    return joined('and', parts);
  }

  /** Factors beside each other: all must hold. */
  private sequence(depth: number): Node[] {
    const parts = [this.factor(depth)];
    while (!this.isAt('end') && !this.isAt(')') && !this.isWord('AND')) parts.push(this.factor(depth));
    return parts;
  }

  /** Terms joined by OR. */
  private factor(depth: number): Node {
    const parts = [this.term(depth)];
    while (this.isWord('OR')) {
      this.at++;
      parts.push(this.term(depth));
    }
    return joined('or', parts);
  }

  private term(depth: number): Node {
    if (this.isWord('NOT') || this.isAt('-')) {
      this.at++;
      if (this.isWord('NOT') || this.isAt('-')) throw this.unexpected('a restriction');
      return { kind: 'not', part: this.simple(depth) };
    }
    return this.simple(depth);
  }

  private simple(depth: number): Node {
    if (!this.isAt('(')) return this.restriction();
    this.at++;
    const node = this.expression(depth + 1);
    if (!this.isAt(')')) throw this.unexpected('")"');
    this.at++;
    return node;
  }

  private restriction(): Node {
    if (++this.terms > MAX_TERMS)
      throw new FilterError(`has more than ${MAX_TERMS} restrictions`, this.peek.at);
    const field = this.take('text', 'a field');
    if (['AND', 'OR', 'NOT'].includes(field.text)) throw this.unexpected('a field', field);
    if (this.isAt('('))
      throw new FilterError(`calls ${JSON.stringify(field.text)}; there are no functions`, field.at);
    const comparator = this.take('comparator', 'one of = != < <= > >= :');
    const value = this.peek;
    if (value.kind !== 'text' && value.kind !== 'string') throw this.unexpected('a value');
    this.at++;
    return {
      kind: 'restriction',
      field: field.text,
      comparator: comparator.text as Comparator,
      value: { text: value.text, quoted: value.kind === 'string', at: value.at },
      at: field.at,
    };
  }

  private get peek(): Token {
    return this.tokens[this.at] as Token;
  }

  private isAt(kind: Token['kind']): boolean {
    return this.peek.kind === kind;
  }

  private isWord(word: string): boolean {
    return this.peek.kind === 'text' && this.peek.text === word;
  }

  private take(kind: Token['kind'], expected: string): Token {
    if (this.peek.kind !== kind) throw this.unexpected(expected);
    return this.tokens[this.at++] as Token;
  }

  private unexpected(expected: string, token = this.peek): FilterError {
    const found = token.kind === 'end' ? 'ends' : `has ${JSON.stringify(token.text)}`;
    return new FilterError(`${found} where ${expected} should be`, token.at);
  }
}

function joined(kind: 'and' | 'or', parts: readonly Node[]): Node {
  return parts.length === 1 ? (parts[0] as Node) : { kind, parts };
}

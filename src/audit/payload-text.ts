/** Names payloads as `truncated` and `redacted` do. */
export function named(input: boolean, output: boolean): string | null {
  if (input) return output ? 'input,output' : 'input';
  return output ? 'output' : null;
}

/** The beginning of a text; never half of a character, which could not be read back as it was written. */
export function cut(text: string, limit: number): { text: string; cut: boolean } {
  if (text.length <= limit) return { text, cut: false };
  const last = text.charCodeAt(limit - 1);
  return { text: text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit), cut: true };
}

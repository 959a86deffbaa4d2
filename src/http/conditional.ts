/** What each content coding adds to a strong tag, inside its quotes. */
const CODED = /-(gzip|br|deflate|zstd)"$/;

/** The tag of an answer in a content coding: another strong tag than that of the plain bytes. */
export function codedTag(tag: string, coding: string): string {
  return tag.startsWith('W/') || !tag.endsWith('"') ? tag : `${tag.slice(0, -1)}-${coding}"`;
}

/**
 * Holds `If-None-Match` (RFC 9110, section 13.1.2) against the tag of the answer that would be given: a list of tags, weak
 * or strong, or `*`. The comparison is weak, and a tag of any coding of the answer counts.
 * @returns the tag to answer 304 with: the caller's own, or `tag` for `*`; null when none fits
 */
export function matchingTag(ifNoneMatch: string | undefined, tag: string): string | null {
  if (ifNoneMatch === undefined) return null;
  if (ifNoneMatch.trim() === '*') return tag;
  for (const [given] of ifNoneMatch.matchAll(/(?:W\/)?"[^"]*"/g)) {
    const strong = given.replace(/^W\//, '');
    if (strong === tag || strong.replace(CODED, '"') === tag) return strong;
  }
  return null;
}

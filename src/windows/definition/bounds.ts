/** Bounds on what one definition may ask for; each is named in the fault of a definition that goes beyond it. */

/** Most windows of a stream. */
export const MAX_WINDOWS = 100;

/** Most aggregates of a window. */
export const MAX_AGGREGATES = 50;

/** Most fields of a key. */
export const MAX_KEY_FIELDS = 16;

/** Most characters of the name of a stream, a window or an aggregate: they stand in addresses. */
export const MAX_NAME = 64;

/** Most characters of a field, a member name or a JSON pointer. */
export const MAX_FIELD = 256;

/** Most windows of one definition that one event may be in: `size / every` of a hopping, `size / step` of a cumulative window. */
export const MAX_OVERLAP = 10_000;

/** Most units of a calendar window. */
export const MAX_CALENDAR_COUNT = 10_000;

/**
 * Longest duration in milliseconds, 10,000 years of 365 days: as long as all times that can be written, and short enough that a
 * time and some durations always add up exactly, to a time that a `Date` can hold.
 */
export const MAX_DURATION = 3_650_000 * 86_400_000;

import { uuidv7 } from 'uuidv7';

/** The 16 bytes of a UUID in its usual form. */
export function uuidToBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

export function bytesToUuid(bytes: Uint8Array): string {
  return hexToUuid(Buffer.from(bytes).toString('hex'));
}

/** A UUID in its usual form, from 32 hexadecimal digits. */
export function hexToUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whether a text has the form of a UUID. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** Arrival, in epoch milliseconds: the first 48 bits of a UUIDv7 (RFC 9562, section 5.7). */
export function timeOfId(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, 6).readUIntBE(0, 6);
}

/** The least possible UUIDv7 of a time: every id of an arrival at or after `ms` is at or above it. */
export function firstIdAt(ms: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.min(Math.max(0, Math.trunc(ms)), 2 ** 48 - 1), 0, 6);
  return bytes;
}

/** A UUIDv7 of an arrival at `ms`. */
export function idAt(ms: number): string {
  const bytes = uuidToBytes(uuidv7());
  bytes.writeUIntBE(ms, 0, 6);
  return bytesToUuid(bytes);
}

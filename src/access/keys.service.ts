import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { JournalService } from '../journal/journal.service.js';
import type { Caller } from './caller.js';
import type { AskedKey, StoredKey } from './key.js';
import { KeySecret, newKey } from './key-secret.js';
import type { KeyResult } from './key-table.js';
import {
  KEY_MAKE,
  KEY_REVOKE,
  KEY_STATE,
  KEY_USES,
  type KeyState,
  type KeyStateAsk,
  type MakeEntry,
  type RevokeEntry,
  type UsesEntry,
} from './messages.js';
import { Permissions } from './permissions.js';
import { keyRefusal } from './refusals.js';

/** How often it is looked whether the command line changed the keys, and how often is written when they were used; milliseconds. */
const LOOK_EVERY = 500;
const WRITE_EVERY = 60_000;
/** About how many bytes an entry takes while it waits for the disk. */
const ENTRY_BYTES = 2048;

export const ADMIN = 'admin';

/** The keys that hold, in memory; what is done to them goes through the journal. */
@Injectable()
export class KeysService implements OnModuleDestroy, OnApplicationShutdown {
  private readonly log = new Logger('Access');
  private secret: KeySecret | undefined;
  private byDigest = new Map<string, Caller>();
  private keys: readonly StoredKey[] = [];
  private anyEver = false;
  private readonly used = new Set<StoredKey>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly admin: Caller;
  private fault: string | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly journal: JournalService,
  ) {
    const permissions = new Permissions([ADMIN], null, null);
    this.admin = { principal: ADMIN, id: 'key:', permissions, until: Infinity, key: null };
  }

  /** Told whenever other keys hold than before. */
  onChange: (() => void) | undefined;

  /** @throws DataFolderError when there are keys, but not the secret that they were hashed with */
  async open(): Promise<void> {
    const state = await this.ask(true);
    if (state) this.take(state);
    this.secret = KeySecret.open(this.settings.dataDir, this.anyEver);
    this.timers.push(
      setInterval(() => this.look(), LOOK_EVERY).unref(),
      setInterval(() => this.writeUses(), WRITE_EVERY).unref(),
    );
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** The journal is still open. */
  onApplicationShutdown(): void {
    this.writeUses();
  }

  /** Keys that there are, the first one (`ORIEL_ADMIN_KEY`) not counted. */
  get count(): number {
    return this.keys.length;
  }

  /** Whether there is a key, or ever was one: that the last is gone opens nothing. */
  get any(): boolean {
    return this.anyEver || this.settings.adminKey !== null;
  }

  /** The keys that hold or did until their time was over, oldest first. */
  get all(): readonly StoredKey[] {
    return this.keys;
  }

  /** @throws OrielError `unknown-key` (404) */
  one(id: string): StoredKey {
    const key = this.keys.find((one) => one.id === id);
    if (!key) throw keyRefusal('unknown', id);
    return key;
  }

  /** Who has this key; undefined where nobody has. Whether its time is over is not looked at. */
  find(text: string): Caller | undefined {
    if (this.settings.adminKey?.is(text)) return this.admin;
    const digest = this.secret?.digest(text) ?? '';
    const caller = this.byDigest.get(digest);
    const same = caller?.key && timingSafeEqual(Buffer.from(caller.key.digest), Buffer.from(digest));
    return same ? caller : undefined;
  }

  /** Notes that a key was used; it is written later. */
  noteUse(key: StoredKey, now: number): void {
    key.lastUsed = now;
    this.used.add(key);
  }

  /** @returns the key with its text, which nobody can be told again. @throws OrielError `key-exists`, `too-many-keys` (409), `not-recorded` (503) */
  async make(asked: AskedKey, by: string, now: number): Promise<{ key: StoredKey; text: string }> {
    if (!this.secret) throw unavailable();
    if (asked.name === ADMIN && this.settings.adminKey) throw keyRefusal('nameTaken', asked.name);
    const text = newKey();
    const key: StoredKey = {
      ...asked,
      id: uuidv7(),
      created: now,
      lastUsed: null,
      digest: this.secret.digest(text),
    };
    const entry: MakeEntry = { key, most: this.settings.maxKeys, by };
    const result = await this.append(KEY_MAKE, entry);
    if (result !== 'done') throw keyRefusal(result, asked.name);
    this.take({ keys: [...this.keys, key], guarded: true });
    return { key, text };
  }

  /** From here on it is no key any more. @throws OrielError `unknown-key` (404), `not-recorded` (503) */
  async revoke(id: string, by: string, now: number): Promise<void> {
    const entry: RevokeEntry = { id, now, by };
    const result = await this.append(KEY_REVOKE, entry);
    this.take({ keys: this.keys.filter((key) => key.id !== id), guarded: result === 'done' });
    if (result !== 'done') throw keyRefusal(result, id);
  }

  private append(kind: string, entry: object): Promise<KeyResult> {
    return new Promise((resolve, reject) => {
      const taken = this.journal.append(kind, entry, ENTRY_BYTES, (error, result) => {
        if (error) reject(unavailable(error));
        else resolve(result as KeyResult);
      });
      if (!taken) reject(unavailable());
    });
  }

  private take({ keys, guarded }: KeyState): void {
    const lastUses = new Map(this.keys.map(({ id, lastUsed }) => [id, lastUsed]));
    const unwritten = new Set([...this.used].map(({ id }) => id));
    this.keys = keys.map((key) => ({ ...key, lastUsed: later(key.lastUsed, lastUses.get(key.id)) }));
    this.used.clear();
    for (const key of this.keys) if (unwritten.has(key.id)) this.used.add(key);
    this.anyEver ||= guarded;
    this.byDigest = new Map(this.keys.map((key) => [key.digest, callerOf(key)]));
    this.onChange?.();
  }

  private look(): void {
    this.ask(false).then(
      (state) => {
        if (state) this.take(state);
        this.tell(state?.fault);
      },
      (error: unknown) => this.tell(error instanceof Error ? error.message : String(error)),
    );
  }

  private ask(all: boolean): Promise<KeyState | null> {
    const asked: KeyStateAsk = { all, most: this.settings.maxKeys };
    return this.journal.ask<KeyState | null>(KEY_STATE, asked);
  }

  private tell(fault: string | undefined): void {
    if (fault !== undefined && fault !== this.fault)
      this.log.error({ msg: 'what the command line did to keys cannot be read or recorded', reason: fault });
    this.fault = fault;
  }

  private writeUses(): void {
    if (this.used.size === 0) return;
    const uses: UsesEntry = [...this.used].map(({ id, lastUsed }) => [id, lastUsed ?? 0] as const);
    this.used.clear();
    const taken = this.journal.append(KEY_USES, uses, 64 * uses.length, (error) => {
      if (error) this.log.warn({ msg: 'when keys were used was not written', reason: error.message });
    });
    if (!taken) this.log.warn('when keys were used was not written: too much waits for the disk');
  }
}

function callerOf(key: StoredKey): Caller {
  const { id, name, roles, models, streams, expires } = key;
  const permissions = new Permissions(roles, models, streams);
  return { principal: name, id: `key:${id}`, permissions, until: expires ?? Infinity, key };
}

function later(one: number | null, other: number | null | undefined): number | null {
  return Math.max(one ?? 0, other ?? 0) || null;
}

function unavailable(cause?: unknown): OrielError {
  const detail = 'It could not be put on record, so it was not done.';
  return new OrielError('unavailable', 'not-recorded', detail, { retryAfter: 1, cause });
}

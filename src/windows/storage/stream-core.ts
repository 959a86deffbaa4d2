import { alteringChanges } from '../definition/changes.js';
import { readDefinition } from '../definition/read.js';
import { Engine } from '../engine/engine.js';
import { DEFAULT_LIMITS } from '../engine/messages.js';
import { eventReader } from '../events/reader.js';
import type { StreamCore } from './core.js';

/** The real thing. */
export const streamCore: StreamCore = {
  limits: DEFAULT_LIMITS,
  create: (definition) => new Engine(definition, DEFAULT_LIMITS),
  restore: (definition, parts) => Engine.restore(definition, DEFAULT_LIMITS, parts),
  readDefinition,
  alteringChanges,
  reader: eventReader,
};

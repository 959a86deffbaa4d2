import type { VersionEntry } from '../../catalog.js';

/** The state of a version as TF Serving's `GetModelStatusResponse` says it. */
export interface ModelVersionStatus {
  version: string;
  state: 'LOADING' | 'AVAILABLE' | 'END';
  status: { error_code: string; error_message: string };
}

const STATES: Readonly<Record<string, ModelVersionStatus['state']>> = {
  loading: 'LOADING',
  ready: 'AVAILABLE',
};

export function modelVersionStatus({ version, state, reason, loaded }: VersionEntry): ModelVersionStatus {
  const known = loaded ? 'AVAILABLE' : (STATES[state] ?? 'END');
  const broken = known === 'END' && reason !== undefined;
  return {
    version,
    state: known,
    status: broken
      ? { error_code: 'INVALID_ARGUMENT', error_message: reason }
      : { error_code: 'OK', error_message: '' },
  };
}

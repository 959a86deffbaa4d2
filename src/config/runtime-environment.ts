/**
 * The runtime that computes models sends figures of its use to its maker unless this variable is set before it is loaded, in the environment
 * of the process itself (that of a worker thread is a copy). Oriel tells nobody what is asked of it; whoever wants otherwise sets it to 0.
 */
export function keepRuntimeQuiet(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}

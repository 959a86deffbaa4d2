/** What can be opened to everyone (`ORIEL_PUBLIC`): never the record, and nothing that changes the server. */
export const PUBLIC_NAMES = ['docs', 'health', 'metrics', 'models', 'predict', 'streams', 'ingest'] as const;
export type PublicName = (typeof PUBLIC_NAMES)[number];

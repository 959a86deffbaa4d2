/**
 * The packages that stay outside of the bundle, since they have native code or assets of their own: what `dist` needs beside it.
 */
export const EXTERNAL = ['better-sqlite3', 'onnxruntime-node', '@fastify/static', 'swagger-ui-dist'];

/**
 * Puts what `nest build` compiled, and the packages it uses, into a few files in `dist`: reading two thousand small modules
 * would take longer than everything else a start does. Packages with native code or assets of their own stay outside, and so
 * do optional ones that Nest and TypeORM only look for.
 */
import { rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { EXTERNAL } from './external.js';

/** CommonJS packages in an ES module still ask for what CommonJS gave them. */
const BANNER = `import { createRequire as createRequireHere } from 'node:module';
import { fileURLToPath as pathOfUrlHere } from 'node:url';
import { dirname as dirnameHere } from 'node:path';
const require = createRequireHere(import.meta.url);
const __filename = pathOfUrlHere(import.meta.url);
const __dirname = dirnameHere(__filename);`;

/** What is not installed is optional: it stays a lookup at run time, as it is without a bundle. */
const optionalPackages = {
  name: 'optional-packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'seen' || isBuiltin(path)) return undefined;
      const found = await resolve(path, { ...rest, pluginData: 'seen' });
      return found.errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['main', 'cli', 'journal.worker', 'reader.worker', 'inference.worker', 'prober.process'].map(
    (name) => `build/${name}.js`,
  ),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  external: EXTERNAL,
  banner: { js: BANNER },
  plugins: [optionalPackages],
  logLevel: 'warning',
});

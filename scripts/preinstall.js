/**
 * Runs where the packed Oriel is installed, before the install scripts of the packages that it needs: npm does all `preinstall`
 * first. The script of onnxruntime-node fetches 300 MB of files for CUDA on Linux x64, which Oriel does not use, and fails the
 * whole installation where it cannot. It leaves them out when it is told to; here it is told to, unless who installs says
 * something else (`ONNXRUNTIME_NODE_INSTALL=cuda12 npm install …`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const FILE = 'onnxruntime-node/script/install.js';
const SAID = /^(npm_config_)?onnxruntime_node_install(_cuda)?$/i;
const BY_DEFAULT = "process.env.ONNXRUNTIME_NODE_INSTALL ??= 'skip'; // put here by oriel\n";

if (!Object.keys(process.env).some((name) => SAID.test(name))) {
  try {
    const file = createRequire(import.meta.url).resolve(FILE);
    const text = readFileSync(file, 'utf8');
    if (!text.startsWith(BY_DEFAULT)) writeFileSync(file, BY_DEFAULT + text);
  } catch (error) {
    console.warn(`oriel could not leave the files for CUDA out: ${error.message}`);
  }
}

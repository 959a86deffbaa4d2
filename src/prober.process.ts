/** A prober: a process of its own, in which a model that was never loaded before is loaded first, since it could end the process. */
import { serveProbes } from './prediction/onnx/probe-server.js';

serveProbes();

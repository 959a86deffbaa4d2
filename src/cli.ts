#!/usr/bin/env node
/** The command `oriel`. Each of its commands is loaded when it is run: only `serve` needs the server. */
import { main } from './cli/program.js';

await main(process.argv.slice(2));

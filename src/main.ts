/** What `npm start` runs: the server, with the settings of the environment. */
import { serve } from './start.js';

await serve();

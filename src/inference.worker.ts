/** An inference thread: holds a session of every model and runs one batch at a time. */
import { Sessions } from './prediction/onnx/sessions.js';
import type { LoadRequest, RunRequest } from './prediction/onnx/messages.js';
import { leave, serve } from './threads/serve.js';

serve(() => {
  const sessions = new Sessions();
  return Promise.resolve({
    load: (request: LoadRequest) => sessions.load(request),
    run: (request: RunRequest) => sessions.run(request),
    unload: (key: string) => sessions.unload(key),
    close: async () => {
      await sessions.close();
      leave();
    },
  });
});

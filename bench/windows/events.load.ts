/** Sends events to a stream as NDJSON, in a process of its own: every connection sends its next batch when it has its answer. */
import { request, Agent } from 'node:http';

export interface EventsJob {
  address: string;
  stream: string;
  connections: number;
  /** Events in a request. */
  batch: number;
  /** Events in all. */
  events: number;
  /** Different keys. */
  keys: number;
  /** Whether each event has an id of its own. */
  ids: boolean;
  /** Events in a millisecond of event time. */
  perMs: number;
}

export interface EventsRun {
  eventsPerSecond: number;
  accepted: number;
}

const START = 1_700_000_000_000;

/** Bodies are made before the clock starts. */
function bodiesOf({ batch, events, keys, ids, perMs }: EventsJob): Buffer[] {
  const bodies: Buffer[] = [];
  for (let from = 0; from < events; from += batch) {
    const lines: string[] = [];
    for (let index = from; index < Math.min(from + batch, events); index++) {
      const time = new Date(START + Math.floor(index / perMs)).toISOString();
      const id = ids ? `,"id":"${index.toString(36)}"` : '';
      lines.push(`{"time":"${time}","car":"car-${index % keys}","speed":${(index * 7) % 131}${id}}`);
    }
    bodies.push(Buffer.from(lines.join('\n')));
  }
  return bodies;
}

function send(agent: Agent, url: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if (response.statusCode === 200) resolve((JSON.parse(text) as { accepted: number }).accepted);
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 300)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function drive(job: EventsJob): Promise<EventsRun> {
  const bodies = bodiesOf(job);
  const agent = new Agent({ keepAlive: true, maxSockets: job.connections });
  const url = `${job.address}/v1/streams/${job.stream}/events`;
  let accepted = 0;
  let next = 0;
  const begin = performance.now();
  const connection = async (): Promise<void> => {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      const taken = await send(agent, url, body);
      accepted += taken;
    }
  };
  await Promise.all(Array.from({ length: job.connections }, connection));
  const seconds = (performance.now() - begin) / 1000;
  agent.destroy();
  return { eventsPerSecond: job.events / seconds, accepted };
}

process.on('message', (job: EventsJob) => {
  drive(job).then(
    (run) => process.send?.(run),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

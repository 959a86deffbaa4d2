/** A collector of traces: takes OTLP over HTTP as JSON, and keeps what comes. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface Message {
  resourceSpans: { scopeSpans: { spans: CollectedSpan[] }[] }[];
}

export class Collector {
  readonly spans: CollectedSpan[] = [];
  private readonly server: HttpServer;
  /** Takes requests and never answers. */
  silent = false;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.silent) return;
        if (request.url === '/v1/traces') this.take(Buffer.concat(chunks).toString());
        response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' });
        response.end('{}');
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(text: string): void {
    for (const { scopeSpans } of (JSON.parse(text) as Message).resourceSpans)
      for (const { spans } of scopeSpans) this.spans.push(...spans);
  }
}

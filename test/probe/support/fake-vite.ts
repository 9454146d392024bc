import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { createProbe } from '../../../src/probe/registry.ts';
import { ProbeRunner, runProbe } from '../../../src/probe/runner.ts';
import type { Sample, ViteOptions } from '../../../src/probe/probe.ts';
import { now } from './ask.ts';
import { httpServer } from './servers.ts';

/** One answer of the fake; `hang` gives none. */
export interface Answer {
  readonly status?: number;
  readonly reason?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly hang?: boolean;
  readonly delayMs?: number;
}

/** A server that answers like a Vite dev server, path by path, and can be changed as it runs. */
export interface FakeVite {
  readonly url: string;
  /** By path with its query; `ping` is the ping. */
  readonly answers: Map<string, Answer>;
  /** Every request: the path, or `ping`. */
  readonly asked: string[];
  readonly requests: IncomingMessage[];
}

export const script = (body: string): Answer => ({ type: 'text/javascript', body });

/** Vite's own page for an error, as 7 and 8 render it. */
export const errorPage = (error: object): Answer => ({
  status: 500,
  body: `
        <!DOCTYPE html>
        <html lang="en">
          <head>
            <meta charset="UTF-8" />
            <title>Error</title>
            <script type="module">
              const error = ${JSON.stringify(error).replaceAll('<', '\\u003c')}
              try {
                const { ErrorOverlay } = await import("/@vite/client")
                document.body.appendChild(new ErrorOverlay(error))
              } catch {}
            </script>
          </head>
          <body></body>
        </html>`,
});

const PAGE = `<!doctype html><html><head>
<script type="module" src="/@vite/client"></script></head>
<body><div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>`;

/** Starts one whose page has one entry that imports one module. */
export async function fakeVite(t: TestContext): Promise<FakeVite> {
  const answers = new Map<string, Answer>([
    ['ping', { status: 204 }],
    ['/', { type: 'text/html', body: PAGE }],
    ['/src/main.tsx', script('import "/@vite/client"; import App from "/src/App.tsx"; App();')],
    ['/src/App.tsx', script('export default () => 1')],
  ]);
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  const { port } = await httpServer(t, (request, response) => {
    const isPing = request.headers.accept === 'text/x-vite-ping';
    const path = isPing ? 'ping' : (request.url ?? '');
    asked.push(path);
    requests.push(request);
    give(response, answers.get(path) ?? { status: 404 });
  });
  return { url: `http://127.0.0.1:${port}/`, answers, asked, requests };
}

function give(response: ServerResponse, answer: Answer): void {
  const { status = 200, reason, type, headers = {}, body = '', hang, delayMs = 0 } = answer;
  if (hang === true) return;
  const send = (): void => {
    if (reason !== undefined) response.statusMessage = reason;
    if (type !== undefined) response.setHeader('content-type', type);
    response.writeHead(status, headers).end(body);
  };
  if (delayMs > 0) setTimeout(send, delayMs);
  else send();
}

/** A probe of a dev server that is stopped with the test; the deep check is always due. */
export function viteProbe(
  t: TestContext,
  url: string,
  more: Partial<ViteOptions> = {},
): {
  readonly run: (timeoutMs?: number) => Promise<Sample>;
  /** The same where only a deep answer counts. */
  readonly deeply: () => Promise<Sample>;
  readonly stop: () => void;
} {
  const options: ViteOptions = { type: 'vite', url, deepPeriodMs: 1, deepTimeoutMs: 5000, ...more };
  const probe = createProbe(options);
  const stop = (): void => probe.stop();
  t.after(stop);
  return {
    run: (timeoutMs = 2000) => runProbe(probe, { now, timeoutMs }),
    deeply: () => new ProbeRunner(probe, now).run(2000, true),
    stop,
  };
}

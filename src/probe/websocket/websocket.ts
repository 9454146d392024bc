import { askAddresses } from '../net/ask-addresses.ts';
import { createFinder } from '../expression/finder.ts';
import { originOf } from '../http/request.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { Outcome, Probe, ProbeContext, WebSocketOptions } from '../probe.ts';
import { suspectTls } from '../net/tls-suspicion.ts';
import { openSession } from './session.ts';
import type { SessionSpec } from './session.ts';

/**
 * Opens a WebSocket, sends a message if there is one, and waits for the expected one if there is one.
 * The connection is then closed in good order.
 */
export function createWebSocketProbe(options: WebSocketOptions): Probe {
  const { headers, protocol, send, expect } = options;
  const url = new URL(options.url);
  const origin = originOf(url, options);
  const expected =
    expect === undefined ? undefined : { matcher: expect, finder: createFinder(expect, 'expect') };
  const spec: SessionSpec = { url, headers, protocol, send, expect: expected };
  return {
    run: (context) => askWebSocket(origin, spec, context),
    stop() {
      // Nothing runs between two probes.
    },
  };
}

/** Asks once; every address of the origin, until one answers. */
export async function askWebSocket(
  origin: HttpOrigin,
  spec: SessionSpec,
  context: ProbeContext,
): Promise<Outcome> {
  const { endpoint, host, port } = origin;
  const reply = await askAddresses<Outcome>(
    {
      endpoint,
      host,
      port,
      // A message may do something; an open connection does nothing.
      isRepeatable: spec.send === undefined,
      start: (address, resolveMs) => openSession(origin, spec, address, resolveMs, context),
    },
    context,
  );
  if (reply.kind === 'answer') return reply.answer;
  const { outcome } = await suspectTls(reply, origin, context);
  return { ...outcome, detail: inWebSocketWords(outcome.detail) };
}

/** Advice about the URL of an HTTP probe, for one whose URL begins with `ws:` or `wss:`. */
function inWebSocketWords(detail: string): string {
  return detail.replaceAll('`https:`', '`wss:`').replaceAll('`http:`', '`ws:`');
}

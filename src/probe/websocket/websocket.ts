import { askAddresses } from '../net/ask-addresses.ts';
import { createFinder } from '../expression/finder.ts';
import { originOf } from '../http/request.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { Outcome, Probe, ProbeContext, WebSocketOptions } from '../probe.ts';
import { suspectTls } from '../net/tls-suspicion.ts';
import { openSession } from './session.ts';
import type { SessionSpec } from './session.ts';

/**
 * Opens a WebSocket, sends a message if one is set, and waits for the expected one if one is set. Then closes
 * the connection with the closing handshake.
 */
export function createWebSocketProbe(options: WebSocketOptions): Probe {
  const { headers, protocol, send, expect } = options;
  const url = new URL(options.url);
  const origin = originOf(url, options);
  const expected =
    expect === undefined ? undefined : { matcher: expect, finder: createFinder(expect, 'expect') };
  const spec: SessionSpec = { url, headers, protocol, send, expect: expected };
  return {
    certificate: origin.certificate,
    run: (context) => askWebSocket(origin, spec, context),
    stop() {
      // Nothing runs between two probes.
    },
  };
}

/** Asks once, each address of the origin until one answers. */
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
      // A message may have an effect; an open connection has none.
      isRepeatable: spec.send === undefined,
      start: (address, resolveMs) => openSession(origin, spec, address, resolveMs, context),
    },
    context,
  );
  if (reply.kind === 'answer') return reply.answer;
  const { outcome } = await suspectTls(reply, origin, context);
  return { ...outcome, detail: inWebSocketWords(outcome.detail) };
}

/** Advice for an HTTP probe, changed for a URL with `ws:` or `wss:`. */
function inWebSocketWords(detail: string): string {
  return detail.replaceAll('`https:`', '`wss:`').replaceAll('`http:`', '`ws:`');
}

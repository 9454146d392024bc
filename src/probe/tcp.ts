import { codeOf } from '../errors.ts';
import { askAddresses } from './net/ask-addresses.ts';
import { awaitReply } from './net/attempt.ts';
import type { Attempt, Reply } from './net/attempt.ts';
import { outcomeOfError } from './net/connect-error.ts';
import { dial } from './net/dial.ts';
import { endpointOf, formatEndpoint } from './net/endpoint.ts';
import { isSelfConnected, refusal } from './net/self-connect.ts';
import type { Outcome, ProbeTimings, Probe, ProbeContext, TcpOptions } from './probe.ts';

/** How an address is shown, made once for the address that was asked last. */
interface Shown {
  readonly address: string;
  readonly peer: string;
  readonly accepted: string;
}

/** Checks that something accepts on `host:port` or on a socket. The connection is closed at once. */
export function createTcpProbe(options: TcpOptions): Probe {
  const { port } = options;
  const host = options.socket ?? options.host;
  let shown: Shown = { address: '', peer: '', accepted: '' };
  // One question for all runs: it is asked with every sample.
  const question = {
    endpoint: endpointOf(host, options.addresses),
    host,
    port,
    isRepeatable: true,
    start: (address: string, resolveMs: number | undefined, context: ProbeContext) => {
      if (shown.address !== address) shown = showAddress(address, port);
      return openConnection(shown, port, resolveMs, context);
    },
  };
  return {
    async run(context) {
      const reply = await askAddresses<Outcome>(question, context);
      return reply.kind === 'failure' ? reply.outcome : reply.answer;
    },
    stop() {
      // Nothing runs between two probes.
    },
  };
}

function showAddress(address: string, port: number): Shown {
  const peer = formatEndpoint(address, port);
  return { address, peer, accepted: `accepted by ${peer}` };
}

/** Connects to one address. */
function openConnection(
  { address, peer, accepted }: Shown,
  port: number,
  resolveMs: number | undefined,
  { now, timeoutMs }: ProbeContext,
): Attempt<Outcome> {
  const startedAt = now();
  const socket = dial(address, port);
  const { reply, settle } = awaitReply<Outcome>();
  const finish = (result: Reply<Outcome>): void => {
    socket.destroy();
    settle(result);
  };

  socket.once('connect', () => {
    if (isSelfConnected(socket, port)) {
      socket.destroy(refusal());
      return;
    }
    const timings: ProbeTimings = { connectMs: now() - startedAt };
    if (resolveMs !== undefined) timings.resolveMs = resolveMs;
    finish({ kind: 'answer', answer: { kind: 'ok', detail: accepted, timings } });
  });
  // `on`, not `once`: an error after the end must find a listener.
  socket.on('error', (error) => {
    const outcome = outcomeOfError(error, 'connect', peer);
    finish({ kind: 'failure', outcome, code: codeOf(error) });
  });
  return {
    reply,
    hasConnected: () => false,
    end() {
      const detail = `no connection within ${timeoutMs} ms (${peer})`;
      finish({ kind: 'failure', outcome: { kind: 'fail', class: 'timeout', detail } });
    },
  };
}

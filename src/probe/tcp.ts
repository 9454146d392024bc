import { connect } from 'node:net';
import { codeOf } from '../errors.ts';
import { askAddresses } from './net/ask-addresses.ts';
import { awaitReply } from './net/attempt.ts';
import type { Attempt, Reply } from './net/attempt.ts';
import { outcomeOfError } from './net/connect-error.ts';
import { endpointOf, formatEndpoint } from './net/endpoint.ts';
import { isSelfConnected, refusal } from './net/self-connect.ts';
import type { ProbeTimings, Probe, ProbeContext, TcpOptions } from './probe.ts';

/** What is kept of an accepted connection. */
interface Accepted {
  readonly peer: string;
  readonly timings: ProbeTimings;
}

/** Checks that something accepts on `host:port`. The connection is closed at once. */
export function createTcpProbe(options: TcpOptions): Probe {
  const { host, port } = options;
  const endpoint = endpointOf(host, options.addresses);
  return {
    async run(context) {
      const reply = await askAddresses<Accepted>(
        {
          endpoint,
          host,
          port,
          isRepeatable: true,
          start: (address, resolveMs) => openConnection(address, port, resolveMs, context),
        },
        context,
      );
      if (reply.kind === 'failure') return reply.outcome;
      const { peer, timings } = reply.answer;
      return { kind: 'ok', detail: `accepted by ${peer}`, timings };
    },
    stop() {
      // Nothing runs between two probes.
    },
  };
}

/** Connects to one address. */
function openConnection(
  address: string,
  port: number,
  resolveMs: number | undefined,
  { now, timeoutMs }: ProbeContext,
): Attempt<Accepted> {
  const startedAt = now();
  const peer = formatEndpoint(address, port);
  const socket = connect({ host: address, port });
  const { reply, settle } = awaitReply<Accepted>();
  const finish = (result: Reply<Accepted>): void => {
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
    finish({ kind: 'answer', answer: { peer, timings } });
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

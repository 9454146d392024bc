import type { TargetConfig } from '../../config/target-config.ts';
import { endpointOf } from '../../diagnosis/probed-address.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { askPort } from '../proposal/ask-port.ts';
import { formatEndpoint } from '../../probe/net/endpoint.ts';

/** How long the port is asked. */
const ASK_MS = 3_000;

/** The URL at which the port of a tcp probe answers HTTP; null where it does not, and for any other probe. */
export async function httpBehindTcp({ probe }: TargetConfig): Promise<string | null> {
  // A socket has no port that a URL could name.
  if (probe.type !== 'tcp' || probe.socket !== undefined) return null;
  const endpoint = endpointOf(probe);
  if (endpoint === null) return null;
  const answer = await askPort(endpoint, clock, clock.now() + ASK_MS);
  if (answer.kind !== 'http' && answer.kind !== 'vite') return null;
  return `${answer.isSecure ? 'https' : 'http'}://${formatEndpoint(probe.host, probe.port)}/`;
}

import type { ListenAddress } from '../config/listen-address.ts';
import type { SecretText } from '../config/secrets/secret-text.ts';
import type { Log } from '../report/log.ts';
import type { ListenerFacts } from './facts.ts';
import { ListenerSession } from './listener-session.ts';
import { routesOf } from './routes.ts';

/** What it takes to let others look. */
interface OpenListenerDeps extends ListenerFacts {
  readonly address: ListenAddress;
  readonly token: SecretText | null;
  readonly log: Log;
}

/** Makes the listener with all its routes, and starts it. */
export function openListener(deps: OpenListenerDeps): ListenerSession {
  const { address, token, log, clock } = deps;
  const session = new ListenerSession({ address, token, log, clock, routes: routesOf(deps) });
  session.start();
  return session;
}

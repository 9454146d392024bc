import type { ManagedProcess } from '../../pm2/process.ts';
import { askPort } from './ask-port.ts';
import { blockFor } from './block-for.ts';
import { choosePort, type AskedPort } from './choose-port.ts';
import { findOwnPorts } from './own-ports.ts';
import { portText } from './port-text.ts';
import type { Proposal, ProposalDeps } from './proposal.ts';

/** How long the ports of one app are asked, all together. */
const ASK_MS = 5_000;

/** At most this many ports of an app are asked, the lowest ones. */
const MOST_PORTS = 8;

/**
 * Proposes a block for an app that PM2 runs: finds where its processes listen, asks there, and takes what
 * answers. Any answer to HTTP is alive; `tcp` only where HTTP was refused. Changes nothing, and never
 * rejects; takes about 5 s at most (15 s for an app that has just started and does not listen yet), so callers ask
 * several apps side by side.
 */
export async function proposeBlock(app: ManagedProcess, deps: ProposalDeps): Promise<Proposal> {
  const ports = await findOwnPorts(app, deps);
  if ('reason' in ports) return nothing(ports.reason);
  const [first] = ports.instances;
  const open = first?.ports.slice(0, MOST_PORTS) ?? [];
  const until = deps.clock.now() + ASK_MS;
  const asked = await Promise.all(
    open.map(async (port): Promise<AskedPort> => ({
      ...port,
      answer: await askPort(port, deps.clock, until),
    })),
  );
  const choice = choosePort(app, asked, ports.commands);
  if ('reason' in choice) return nothing(choice.reason);
  const written = portText(app.name, choice.port, ports.instances);
  if ('reason' in written) return nothing(written.reason);
  return blockFor(app.name, choice, written.text);
}

function nothing(reason: string): Proposal {
  return { block: null, found: reason, warning: null };
}

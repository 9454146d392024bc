import type { ManagedProcess } from '../../pm2/process.ts';
import { startsDevServer } from '../framework/dev-project.ts';
import { timesOf } from './dev-servers.ts';
import { frameworkIn, type Framework } from './frameworks.ts';
import type { PortAnswer, WebAnswer } from './ask-port.ts';
import { namedPorts } from './cluster-ports.ts';
import { placeText, type OwnPort } from './own-ports.ts';

/** A port with its answer. */
export interface AskedPort extends OwnPort {
  readonly answer: PortAnswer;
}

/** The port that a block is for. */
export interface Choice {
  readonly port: AskedPort;
  /** The dev server that the app's command lines name; null where they name none. */
  readonly framework: Framework | null;
  /** The times that a command line of it needs beyond the defaults; empty where none does. */
  readonly times: Readonly<Record<string, string>>;
  /** The other ports and sockets of the app, as text. */
  readonly others: readonly string[];
}

/**
 * Chooses the port that stands for the app: the one in its environment, else one that serves pages, else the
 * lowest that answers HTTP, else the lowest that refuses HTTP. A reason where none is sure.
 */
export function choosePort(
  { name, ...app }: ManagedProcess,
  asked: readonly AskedPort[],
  commands: readonly string[],
): Choice | { readonly reason: string } {
  const framework = frameworkIn(commands.find(startsDevServer) ?? '');
  const named = namedPorts({ name, ...app });
  const ranked = asked.toSorted((a, b) => rank(a, named) - rank(b, named) || a.port - b.port);
  const [best] = ranked;
  if (best === undefined) return { reason: `${name} listens nowhere` };
  const others = asked.flatMap((each) => (each === best ? [] : [each.socket ?? String(each.port)]));
  const times = timesOf(commands.join('\n'));
  const choice = { port: best, framework, times, others };
  switch (best.answer.kind) {
    case 'http':
    case 'vite':
    case 'not-http':
      return choice;
    case 'closed':
      return { reason: `${name} closed ${placeText(best)} while it was asked; see pm2 logs` };
    case 'inspector':
      return { reason: `${name} listens on port ${best.port} alone, which is Node's inspector` };
    case 'silent':
      // It may still compile its first page, and what it is is known.
      return framework === null ? { reason: silence(name, best) } : choice;
  }
}

/** True for an answer over HTTP. */
export function isWeb(answer: PortAnswer): answer is WebAnswer {
  return answer.kind === 'http' || answer.kind === 'vite';
}

function rank({ port, socket, answer }: AskedPort, named: readonly number[]): number {
  // Of a socket only an answer says that it is the app's, and not of a tool in it.
  if (socket !== undefined) return isWeb(answer) ? 3.5 : answer.kind === 'not-http' ? 8 : 9;
  if (isWeb(answer)) {
    if (named.includes(port)) return 0;
    if (answer.kind === 'vite') return 1;
    return answer.isHtml || answer.isRedirect ? 2 : 3;
  }
  return { silent: 4, 'not-http': 5, closed: 6, inspector: 7 }[answer.kind];
}

function silence(name: string, place: OwnPort): string {
  return `${name} accepts connections on ${placeText(place)}, but gave no answer to HTTP within 4 s: it hangs, still starts, or speaks something else; ask again, or write its block by hand`;
}

import { isIPv6 } from 'node:net';
import { appWord, processWord } from '../../framework/pm2-words.ts';
import { wordsTaken, type AppFacts, type DoctorFacts, type PortUse } from '../facts.ts';
import { bad, note, ok, okIfNone, type Check, type Finding } from '../finding.ts';
import { wordsOf } from '../wrapper.ts';

const PORT = 'port';

/** Does each app hold its probed port itself? */
export const portOwner: Check = (facts) =>
  okIfNone(
    facts.apps.flatMap((app) => ownerFindings(app, facts)),
    PORT,
    'each app owns the port that is probed',
  );

/** Nothing is `bad` for an app that was stopped on purpose. */
function ownerFindings(app: AppFacts, facts: DoctorFacts): Finding[] {
  const findings = ownerFinding(app, facts);
  if (app.process.status !== 'stopped') return findings;
  return findings.map((finding) => ({
    ...finding,
    state: 'note',
    what: `${finding.what} (the app is stopped)`,
  }));
}

function ownerFinding({ process, port: use }: AppFacts, facts: DoctorFacts): Finding[] {
  if (use === null) return [];
  const { name } = process;
  const { holder, port } = use;
  switch (holder.kind) {
    case 'stranger':
      return [
        bad(
          PORT,
          `${name}: ${holder.detail}`,
          `${stopAdvice(use, facts).join('; ')} or give the app another port; if it answers for the app on purpose: portOwner: 'any'`,
        ),
      ];
    case 'orphan':
      return [
        bad(
          PORT,
          `${name}: ${holder.detail}`,
          `${stopAdvice(use, facts, 'kill').join('; ')} (the monitor does it, unless reapOrphans is false)`,
        ),
      ];
    case 'drifted':
      return [bad(PORT, holder.detail, SAME_PORT)];
    case 'unsure':
      return [note(PORT, `${name}: port ${port}: ${holder.reason}`)];
    // The check `addressFamily` reports this.
    case 'elsewhere':
      return [];
    case 'beside':
      return [note(PORT, `${name}: ${holder.detail}`)];
    case 'accepted':
      if (holder.doubt !== undefined && use.isHeld !== null) return [doubt(name, holder.doubt)];
      if (use.isHeld === true || process.status === 'stopped') return [];
      if (use.isHeld === null)
        return [note(PORT, `${name}: this system does not show which process listens`)];
      return [nobodyListens(process, use, facts)];
  }
}

/** How to stop the holders of the port. Never with kill where PM2 runs them: they would come back at once. */
function stopAdvice(
  { others, neighbours = [], port }: PortUse,
  facts: DoctorFacts,
  verb = 'stop it',
): string[] {
  const strangers = others.filter((pid) => !neighbours.some((each) => each.pid === pid));
  const kill = `kill ${strangers.join(' ')}`;
  const ends = neighbours.map(({ app }) =>
    app === null
      ? 'stop the app in cluster mode that has it (pm2 ls shows which)'
      : `stop ${app.name}, which this PM2 runs too (pm2 stop ${processWord(app, wordsTaken(facts))}),`,
  );
  if (strangers.length > 0) return [verb === 'kill' ? kill : `${verb} (${kill})`, ...ends];
  return ends.length > 0 ? ends : [`find out which process it is (sudo ss -ltnp sport = :${port})`];
}

function doubt(name: string, reason: string): Finding {
  return note(PORT, `${name}: it is not known who answers: ${reason}`);
}

const SAME_PORT =
  'write the same port in its arguments and in its env_liveness block, and --strictPort for Vite';

function nobodyListens(
  { name, pmId, pid, status: inPm2 }: AppFacts['process'],
  { port, otherPorts }: PortUse,
  { status }: DoctorFacts,
): Finding {
  const at = `${name}: nobody listens on port ${port}`;
  const state = status?.targets.find((target) => target.pmId === pmId)?.state;
  if (pid === 0)
    return note(PORT, `${at}; the app is ${inPm2} in PM2`, `pm2 logs ${appWord(name)}`);
  if (state === 'starting' || state === 'restarting') {
    return note(PORT, `${at}; the app is still starting`);
  }
  if (otherPorts.length > 0) {
    return bad(PORT, `${at}; the app listens on ${otherPorts.join(', ')}`, SAME_PORT);
  }
  return bad(PORT, at, 'see its log (pm2 logs), or correct the port in its block');
}

const ADDRESS = 'address';

/** Does each app listen on the probed address? 127.0.0.1 and ::1 are different. */
export const addressFamily: Check = ({ apps }) =>
  okIfNone(apps.flatMap(addressFinding), ADDRESS, 'each app listens on the probed address');

function addressFinding({ process, port: use, isVite }: AppFacts): Finding[] {
  if (use?.holder.kind !== 'elsewhere') return [];
  const { port, addresses, ownAddresses } = use;
  const heard = [...new Set(ownAddresses)];
  const [first = 'localhost'] = heard;
  const inUrl = isIPv6(first) ? `[${first}]` : first;
  const other = isVite ? `, or start Vite with --host ${addresses[0] ?? '127.0.0.1'}` : '';
  return [
    bad(
      ADDRESS,
      `${process.name} is probed at ${addresses.join(' and ')}, but listens on port ${port} of ${heard.join(' and ')} only`,
      `write ${inUrl}:${port} in its env_liveness block (localhost probes both)${other}`,
    ),
  ];
}

const STRICT_PORT = 'strictPort';
const FLAG = /(?:^|\s)--(?:strictPort|strict-port)(?:=true)?(?:\s|$)/;

/**
 * Does each Vite keep its port? Without `strictPort` it silently takes the next one where its own is taken.
 */
export const strictPort: Check = ({ apps }) => {
  const vites = apps.filter(({ isVite }) => isVite);
  if (vites.length === 0) return [ok(STRICT_PORT, 'no Vite here')];
  return okIfNone(vites.flatMap(strictPortFinding), STRICT_PORT, 'each Vite keeps its port');
};

function strictPortFinding({ process, wrapper, isStrictByConfig }: AppFacts): Finding[] {
  const typed = [...wordsOf(process), wrapper?.command ?? ''].join(' ');
  if (isStrictByConfig || FLAG.test(typed)) return [];
  const isVitesOwn = /[\\/]vite\.js$/.test(String(process.env['pm_exec_path']));
  return [
    bad(
      STRICT_PORT,
      `${process.name}: Vite uses another port, without a message, when its own is taken`,
      isVitesOwn
        ? 'add --strictPort to its args'
        : 'write server: { strictPort: true } in its vite.config',
    ),
  ];
}

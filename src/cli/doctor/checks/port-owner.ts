import { appWord, processWord } from '../../framework/pm2-words.ts';
import { wordsTaken, type AppFacts, type DoctorFacts, type PortUse } from '../facts.ts';
import { bad, note, okIfNone, type Check, type Finding } from '../finding.ts';

const CHECK = 'port';

/** Is the port on which each app is asked held by that app? */
export const portOwner: Check = (facts) =>
  okIfNone(
    facts.apps.flatMap((app) => findingsOf(app, facts)),
    CHECK,
    'each app holds the port on which it is asked',
  );

/** Of an app that was stopped on purpose nothing is bad. */
function findingsOf(app: AppFacts, facts: DoctorFacts): Finding[] {
  const findings = findingOf(app, facts);
  if (app.process.status !== 'stopped') return findings;
  return findings.map((finding) => ({
    ...finding,
    state: 'note',
    what: `${finding.what} (the app is stopped)`,
  }));
}

function findingOf({ process, port: use }: AppFacts, facts: DoctorFacts): Finding[] {
  if (use === null) return [];
  const { name } = process;
  const { holder, port } = use;
  switch (holder.kind) {
    case 'stranger':
      return [
        bad(
          CHECK,
          `${name}: ${holder.detail}`,
          `${stopAdvice(use, facts).join('; ')} or give the app another port; if it is to answer for the app: portOwner: 'any'`,
        ),
      ];
    case 'orphan':
      return [
        bad(
          CHECK,
          `${name}: ${holder.detail}`,
          `${stopAdvice(use, facts, 'kill').join('; ')} (the monitor does it, unless reapOrphans is false)`,
        ),
      ];
    case 'drifted':
      return [bad(CHECK, holder.detail, SAME_PORT)];
    case 'unsure':
      return [note(CHECK, `${name}: port ${port}: ${holder.reason}`)];
    // That is the check of the address.
    case 'elsewhere':
      return [];
    case 'beside':
      return [note(CHECK, `${name}: ${holder.detail}`)];
    case 'accepted':
      if (holder.doubt !== undefined && use.isHeld !== null) return [doubt(name, holder.doubt)];
      if (use.isHeld === true || process.status === 'stopped') return [];
      if (use.isHeld === null)
        return [note(CHECK, `${name}: this system does not tell who listens`)];
      return [nobodyListens(process, use, facts)];
  }
}

/** What ends those who have the port: never a kill of what PM2 runs, which would come back at once. */
function stopAdvice(
  { others, neighbours = [], port }: PortUse,
  facts: DoctorFacts,
  verb = 'stop it',
): string[] {
  const strangers = others.filter((pid) => !neighbours.some((each) => each.pid === pid));
  const kill = `kill ${strangers.join(' ')}`;
  const ends = neighbours.map(({ app }) =>
    app === null
      ? 'stop the app in cluster mode that has it (pm2 ls says which)'
      : `stop ${app.name}, which this PM2 runs too (pm2 stop ${processWord(app, wordsTaken(facts))}),`,
  );
  if (strangers.length > 0) return [verb === 'kill' ? kill : `${verb} (${kill})`, ...ends];
  return ends.length > 0 ? ends : [`see who it is (sudo ss -ltnp sport = :${port})`];
}

function doubt(name: string, reason: string): Finding {
  return note(CHECK, `${name}: it cannot be told who answers: ${reason}`);
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
    return note(CHECK, `${at}; the app is ${inPm2} in PM2`, `pm2 logs ${appWord(name)}`);
  if (state === 'starting' || state === 'restarting') {
    return note(CHECK, `${at}; the app is still starting`);
  }
  if (otherPorts.length > 0) {
    return bad(CHECK, `${at}; the app listens on ${otherPorts.join(', ')}`, SAME_PORT);
  }
  return bad(CHECK, at, 'its log says why (pm2 logs); else correct the port in its block');
}

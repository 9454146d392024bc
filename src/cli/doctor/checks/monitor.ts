import { isModule } from '../../../pm2/monitor-process.ts';
import type { ManagedProcess } from '../../../pm2/process.ts';
import { appWord, processWord } from '../../framework/pm2-words.ts';
import { wordsTaken, type DoctorFacts } from '../facts.ts';
import { bad, note, ok, type Check, type Finding } from '../finding.ts';

const MONITOR = 'monitor';

/** Does a monitor lead here, and can it judge and save its state? */
export const monitorRunning: Check = (facts) => {
  const { status } = facts;
  if (status === null) return [notRunning(facts)];
  const { version, pid, unfit, history } = status.monitor;
  const reasons = [
    ...(unfit === null ? [] : [`it cannot judge now: ${unfit}`]),
    ...(history?.why ? [`history is not saved on disk: ${history.why}`] : []),
    // A missing ps has a check of its own.
    ...status.problems.filter(
      (problem) => !/\bprogram ps\b|^PM2 cannot start saved apps/.test(problem),
    ),
  ];
  if (reasons.length === 0) return [ok(MONITOR, `${version} runs (pid ${pid})`)];
  return reasons.map((reason) =>
    bad(
      MONITOR,
      reason,
      'see pm2 logs pm2-liveness; "Settings of the monitor" in docs/SETTINGS.md',
    ),
  );
};

function notRunning(facts: DoctorFacts): Finding {
  const { monitors, statusReason } = facts;
  const [first] = monitors;
  const word = first && processWord(first, wordsTaken(facts));
  if (statusReason !== undefined) {
    const fix =
      first === undefined ? 'stop the program that answers there, then start' : 'pm2 restart';
    return bad(MONITOR, statusReason, `see pm2 logs pm2-liveness; ${fix} ${word ?? 'the monitor'}`);
  }
  if (first === undefined) {
    return bad(
      MONITOR,
      'PM2 runs no monitor, so nothing is watched',
      'pm2-liveness init (adds it to the ecosystem file), then pm2 start ecosystem.config.cjs',
    );
  }
  const { pmId, status, name } = first;
  if (status === 'online' || status === 'launching') {
    return bad(MONITOR, `${name} (pm_id ${pmId}) does not answer`, `pm2 logs ${appWord(name)}`);
  }
  const kind = isModule(first) ? 'the module' : name;
  return bad(MONITOR, `${kind} (pm_id ${pmId}) is ${status} in PM2`, `pm2 restart ${word}`);
}

const ONE_MONITOR = 'one monitor';

/** Is there one monitor, or a leader with others that stand by? */
export const severalMonitors: Check = (facts) => {
  const { monitors } = facts;
  const running = monitors.filter(({ status }) => status === 'online');
  const twice = monitors.find((process) => isTwice(process, monitors));
  if (twice !== undefined) {
    return [
      bad(
        ONE_MONITOR,
        `${twice.name} is in PM2 twice, as an app and as a module; pm2 restart ${twice.name} restarts both. ${rolesOf(running, facts)}`,
        `${deleteOf(twice, facts)}pm2 uninstall ${twice.name} (the module), then pm2 save`,
      ),
    ];
  }
  if (running.length < 2) return [ok(ONE_MONITOR, running.length === 1 ? 'no other' : 'none')];
  return [note(ONE_MONITOR, rolesOf(running, facts))];
};

/**
 * Deletes by id only, because the module has the same name; no such advice where an app's name is that id.
 */
function deleteOf({ pmId }: ManagedProcess, facts: DoctorFacts): string {
  return wordsTaken(facts).includes(String(pmId)) ? '' : `pm2 delete ${pmId} (the app) or `;
}

/** True for an app with the same name as a module. */
function isTwice(process: ManagedProcess, all: readonly ManagedProcess[]): boolean {
  if (isModule(process)) return false;
  return all.some((other) => isModule(other) && other.name === process.name);
}

function rolesOf(running: readonly ManagedProcess[], { status }: DoctorFacts): string {
  const roles = running.map(({ name, pmId, pid }) => {
    const role = pid === status?.monitor.pid ? 'leads' : 'stands by';
    return `${name} (pm_id ${pmId}) ${role}`;
  });
  return roles.join(', ');
}

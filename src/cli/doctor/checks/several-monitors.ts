import type { ManagedProcess } from '../../../pm2/process.ts';
import { wordsTaken, type DoctorFacts } from '../facts.ts';
import { bad, note, ok, type Check } from '../finding.ts';
import { isModule } from '../../../pm2/monitor-process.ts';

const CHECK = 'one monitor';

/** Is there one monitor, or a leader with others that stand by? */
export const severalMonitors: Check = (facts) => {
  const { monitors } = facts;
  const running = monitors.filter(({ status }) => status === 'online');
  const twice = monitors.find((process) => isTwice(process, monitors));
  if (twice !== undefined) {
    return [
      bad(
        CHECK,
        `${twice.name} is here as an app and as a module; pm2 restart ${twice.name} hits both. ${rolesOf(running, facts)}`,
        `${deleteOf(twice, facts)}pm2 uninstall ${twice.name} (the module), then pm2 save`,
      ),
    ];
  }
  if (running.length < 2) return [ok(CHECK, running.length === 1 ? 'no other' : 'none')];
  return [note(CHECK, rolesOf(running, facts))];
};

/** By its id alone, for its name is the module's too; no such advice where another app is called by that id. */
function deleteOf({ pmId }: ManagedProcess, facts: DoctorFacts): string {
  return wordsTaken(facts).includes(String(pmId)) ? '' : `pm2 delete ${pmId} (the app) or `;
}

/** True for an app of whose name there is a module too. */
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

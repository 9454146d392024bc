import { serviceUninstall, nssmInstall } from './nssm.ts';
import type { Plan, Refusal } from './plan.ts';
import { taskInstall, taskUninstall } from './task.ts';
import type { WindowsFacts } from './windows-facts.ts';

/** `service install` on Windows: by NSSM where it is there and may be used, else by the Task Scheduler. */
export function windowsInstall(facts: WindowsFacts, isNssmTyped: boolean): Plan | Refusal {
  const { name, found, nssm, mayBeAdmin, pm2Home } = facts;
  const taken = takenBy(facts);
  if (taken !== null) {
    return {
      refusal: [
        `there is already ${taken} that does not start PM2 for ${pm2Home}; choose another name: --name <name>`,
      ],
    };
  }
  if (isNssmTyped && !mayBeAdmin) {
    return {
      refusal: [
        'NSSM needs a terminal of an administrator; without --nssm the Task Scheduler is used',
      ],
    };
  }
  if (nssm !== null && mayBeAdmin) {
    if (found.task !== null) return isInstalledAs('task', name);
    return nssmInstall({ ...facts, nssm });
  }
  return found.service === null ? taskInstall(facts) : isInstalledAs('service', name);
}

/** `service uninstall` on Windows; null where there is nothing of ours. */
export function windowsUninstall(facts: WindowsFacts): Plan | Refusal | null {
  const { name, found, mayBeAdmin, pm2Home } = facts;
  const taken = takenBy(facts);
  if (taken !== null) {
    return { refusal: [`${taken} does not start PM2 for ${pm2Home}: it is left as it is`] };
  }
  if (found.service !== null) {
    return mayBeAdmin
      ? serviceUninstall(name, found.service.isRunning)
      : { refusal: ['only a terminal of an administrator can remove a service'] };
  }
  return found.task === null ? null : taskUninstall(facts, found.task.isRunning);
}

/** What of another has our name; null where nothing has. */
function takenBy({ name, found: { service, task } }: WindowsFacts): string | null {
  if (service !== null && !service.isForHome) return `a service ${name}`;
  return task !== null && !task.isForLauncher ? `a task ${name}` : null;
}

function isInstalledAs(what: string, name: string): Refusal {
  return {
    refusal: [`the ${what} ${name} starts PM2 already; first: pm2-liveness service uninstall`],
  };
}

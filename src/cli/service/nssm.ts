import { RUNNING, STOPPED } from '../../os/boot/windows-service.ts';
import { killStep, pm2Step, removedText, type Plan, type Step } from './plan.ts';
import type { WindowsFacts } from './windows-facts.ts';

/** PM2's daemon in the foreground as a service: NSSM starts it again where it ends. */
export function nssmInstall(facts: WindowsFacts & { readonly nssm: string }): Plan {
  const { name, nssm, node, pm2Program, pm2Home, nodeFolder, found, isNow } = facts;
  const run = (...args: readonly string[]): Step => ({ type: 'run', file: nssm, args });
  const set = (...args: readonly string[]): Step => run('set', name, ...args);
  const account = found.service?.account ?? 'LocalSystem';
  return {
    steps: [
      ...(facts.needsSave ? [pm2Step(facts, 'save')] : []),
      ...(found.service === null
        ? [{ ...run('install', name, node), undoneBy: [deleteStep(name)] }]
        : [set('Application', node)]),
      // One text, in which NSSM keeps the quotes: it would drop those of separate words.
      set('AppParameters', `"${pm2Program}" resurrect --no-daemon`),
      set('AppDirectory', pm2Home),
      set('AppEnvironmentExtra', `PM2_HOME=${pm2Home}`, `PATH=${nodeFolder};%PATH%`),
      set('Description', 'PM2 and its apps, set up by pm2-liveness service install'),
      set('Start', 'SERVICE_AUTO_START'),
      // PM2 stops its apps at Ctrl-C; as by default it would have 1.5 s for that.
      set('AppStopMethodConsole', '15000'),
      ...(isNow ? [...stopsFor(facts), ...startSteps(name)] : []),
    ],
    notes: [
      `The service runs as ${account}, and so do PM2 and the apps. Only a terminal of an administrator can then use pm2. To run it as you: nssm set ${name} ObjectName ${facts.user} <password>`,
      ...(isNow && facts.isPm2Running
        ? ['PM2 is stopped and starts again in the service: the apps are away for some seconds.']
        : []),
    ],
    done: [
      isNow
        ? `PM2 runs in the service ${name}, and starts with Windows.`
        : `PM2 starts with Windows from the next boot on (now: add --now).`,
      'It starts what PM2 has saved: `npx pm2 save` after each change of your apps. NSSM starts PM2 again also after `pm2 kill`; to stop it: ' +
        `sc stop ${name}`,
    ],
  };
}

/** Without NSSM: Windows itself removes a service with all settings in it. */
export function serviceUninstall(name: string, isRunning: boolean): Plan {
  return {
    steps: [...(isRunning ? stopSteps(name) : []), deleteStep(name)],
    notes: isRunning ? ['PM2 runs in this service: it stops, with all its apps.'] : [],
    done: [removedText(isRunning)],
  };
}

function deleteStep(name: string): Step {
  return { type: 'run', file: 'sc.exe', args: ['delete', name] };
}

/** PM2 has one pipe on a machine: the service cannot start its own while another has it. */
function stopsFor(facts: WindowsFacts): readonly Step[] {
  const { found, name } = facts;
  if (found.service?.isRunning) return stopSteps(name);
  return facts.isPm2Running ? [killStep(facts)] : [];
}

function stopSteps(name: string): readonly Step[] {
  return [
    { type: 'run', file: 'sc.exe', args: ['stop', name] },
    { type: 'wait', service: name, state: STOPPED },
  ];
}

/** Not by NSSM: it fails where the service needs a moment to start. */
function startSteps(name: string): readonly Step[] {
  return [
    { type: 'run', file: 'sc.exe', args: ['start', name], undoneBy: stopSteps(name) },
    { type: 'wait', service: name, state: RUNNING },
  ];
}

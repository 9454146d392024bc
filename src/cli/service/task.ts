import { win32 } from 'node:path';
import { launcherOf } from '../../os/boot/windows.ts';
import { killStep, pm2Step, removedText, type Plan, type Step } from './plan.ts';
import type { WindowsFacts } from './windows-facts.ts';

/**
 * PM2's daemon in the foreground as a task: at boot, with nobody logged in, where an administrator sets it up; else
 * when the user logs in.
 */
export function taskInstall(facts: WindowsFacts): Plan {
  const { name, mayBeAdmin, isNow, isPm2Running } = facts;
  return {
    steps: [
      ...(facts.needsSave ? [pm2Step(facts, 'save')] : []),
      ...createSteps(facts),
      ...(isNow && isPm2Running ? [killStep(facts)] : []),
      ...(isNow ? [schtasks('/Run', '/TN', name)] : []),
    ],
    notes: [
      `NSSM was not found (nssm.cc; --nssm <path>): the Task Scheduler does it, as ${facts.user}.`,
      ...(mayBeAdmin
        ? []
        : [
            `PM2 starts only when ${facts.user} logs in. To start it at boot, run this in a terminal of an administrator.`,
          ]),
      ...(isNow && isPm2Running
        ? ['PM2 is stopped and starts again in the task: the apps are away for some seconds.']
        : []),
    ],
    done: [
      `The task ${name} starts PM2 ${mayBeAdmin ? 'at boot' : 'at your login'}${isNow ? ', and runs now' : ''}.`,
      'It starts what PM2 has saved: `npx pm2 save` after each change of your apps.',
    ],
  };
}

/** Makes the task, by a file that is then removed. */
function createSteps(facts: WindowsFacts): readonly Step[] {
  const { name, pm2Home, found } = facts;
  const launcher = launcherOf(pm2Home);
  const file = win32.join(pm2Home, 'pm2-service.xml');
  const removeFile: Step = { type: 'remove', path: file };
  // One that is there already needs its launcher, and stays.
  const ifNew = (step: Step): readonly Step[] => (found.task === null ? [step] : []);
  return [
    {
      type: 'write',
      path: launcher,
      content: launcherText(facts),
      undoneBy: ifNew({ type: 'remove', path: launcher }),
    },
    {
      type: 'write',
      path: file,
      content: utf16(taskXml(facts, launcher)),
      undoneBy: [removeFile],
    },
    {
      ...schtasks('/Create', '/TN', name, '/XML', file, '/F'),
      undoneBy: ifNew(schtasks('/Delete', '/TN', name, '/F')),
    },
    removeFile,
  ];
}

/** The task, and the file that it starts; nothing else was written. */
export function taskUninstall(
  facts: Pick<WindowsFacts, 'name' | 'pm2Home' | 'node' | 'pm2Program'>,
  isRunning: boolean,
): Plan {
  return {
    steps: [
      // A task that is ended leaves its apps without PM2.
      ...(isRunning ? [pm2Step(facts, 'kill')] : []),
      schtasks('/Delete', '/TN', facts.name, '/F'),
      { type: 'remove', path: launcherOf(facts.pm2Home) },
    ],
    notes: isRunning ? ['PM2 runs in this task: it stops, with all its apps.'] : [],
    done: [removedText(isRunning)],
  };
}

function schtasks(...args: readonly string[]): Step {
  return { type: 'run', file: 'schtasks.exe', args };
}

/** A task cannot set variables. PM2's program is a script that reads its own arguments. */
function launcherText({
  pm2Home,
  pm2Program,
}: Pick<WindowsFacts, 'pm2Home' | 'pm2Program'>): string {
  return [
    '// Starts PM2 at boot; written by `pm2-liveness service install`, removed by `service uninstall`.',
    `process.env.PM2_HOME = ${JSON.stringify(pm2Home)};`,
    `process.argv = [process.argv[0], ${JSON.stringify(pm2Program)}, 'resurrect', '--no-daemon'];`,
    `require(${JSON.stringify(pm2Program)});`,
    '',
  ].join('\n');
}

/** By the schema of Task Scheduler 1.2. As by default a task would end after three days, and on batteries. */
function taskXml({ user, node, mayBeAdmin }: WindowsFacts, launcher: string): string {
  const who = xmlText(user);
  return [
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    '  <RegistrationInfo><Description>PM2 and its apps, set up by pm2-liveness service install</Description></RegistrationInfo>',
    mayBeAdmin
      ? '  <Triggers><BootTrigger /></Triggers>'
      : `  <Triggers><LogonTrigger><UserId>${who}</UserId></LogonTrigger></Triggers>`,
    // S4U: as the user, with nobody logged in, and no password is stored.
    `  <Principals><Principal id="Author"><UserId>${who}</UserId><LogonType>${mayBeAdmin ? 'S4U' : 'InteractiveToken'}</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>`,
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
    // As by default it would have a lower priority than other programs.
    '    <Priority>5</Priority>',
    '    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>',
    '  </Settings>',
    `  <Actions Context="Author"><Exec><Command>${xmlText(node)}</Command><Arguments>"${xmlText(launcher)}"</Arguments></Exec></Actions>`,
    '</Task>',
    '',
  ].join('\r\n');
}

/** What `schtasks /XML` reads on every code page. */
function utf16(text: string): Uint8Array {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stepText, type Plan, type Refusal } from '../../../src/cli/service/plan.ts';
import { windowsState } from '../../../src/cli/service/state.ts';
import type { WindowsFacts } from '../../../src/cli/service/windows-facts.ts';
import { windowsInstall, windowsUninstall } from '../../../src/cli/service/windows.ts';

const PM2 = String.raw`C:\my app\node_modules\pm2\bin\pm2`;
const NODE = String.raw`C:\Program Files\nodejs\node.exe`;

const FACTS: WindowsFacts = {
  name: 'pm2',
  user: String.raw`DESK\ann`,
  pm2Home: String.raw`C:\Users\ann\.pm2`,
  node: NODE,
  pm2Program: PM2,
  nodeFolder: String.raw`C:\Program Files\nodejs`,
  nssm: String.raw`C:\nssm\nssm.exe`,
  mayBeAdmin: true,
  found: { service: null, task: null },
  isPm2Running: true,
  needsSave: false,
  isNow: false,
};

const SERVICE = {
  name: 'pm2',
  isForHome: true,
  startsAtBoot: true,
  isRunning: true,
  account: 'LocalSystem',
};
const TASK = { name: 'pm2', isForLauncher: true, starts: 'boot', isRunning: false } as const;

function planOf(plan: Plan | Refusal | null): Plan {
  assert.ok(plan !== null && 'steps' in plan, JSON.stringify(plan));
  return plan;
}

const textsOf = (plan: Plan | Refusal | null): readonly string[] =>
  planOf(plan).steps.map(stepText);

function refusalOf(plan: Plan | Refusal | null): string {
  assert.ok(plan !== null && 'refusal' in plan, JSON.stringify(plan));
  return plan.refusal.join('\n');
}

describe('by NSSM', () => {
  test('a new service, not started', () => {
    assert.deepEqual(textsOf(windowsInstall(FACTS, false)), [
      String.raw`C:\nssm\nssm.exe install pm2 "C:\Program Files\nodejs\node.exe"`,
      String.raw`C:\nssm\nssm.exe set pm2 AppParameters "\"C:\my app\node_modules\pm2\bin\pm2\" resurrect --no-daemon"`,
      String.raw`C:\nssm\nssm.exe set pm2 AppDirectory C:\Users\ann\.pm2`,
      String.raw`C:\nssm\nssm.exe set pm2 AppEnvironmentExtra PM2_HOME=C:\Users\ann\.pm2 "PATH=C:\Program Files\nodejs;%PATH%"`,
      String.raw`C:\nssm\nssm.exe set pm2 Description "PM2 and its apps, set up by pm2-liveness service install"`,
      String.raw`C:\nssm\nssm.exe set pm2 Start SERVICE_AUTO_START`,
      String.raw`C:\nssm\nssm.exe set pm2 AppStopMethodConsole 15000`,
    ]);
  });

  test('with --now PM2 gives its pipe to the service, and is saved before', () => {
    const texts = textsOf(windowsInstall({ ...FACTS, needsSave: true, isNow: true }, false));
    assert.equal(texts[0], `"${NODE}" "${PM2}" save`);
    assert.deepEqual(texts.slice(-3), [
      `"${NODE}" "${PM2}" kill`,
      'sc.exe start pm2',
      'wait until the service pm2 runs',
    ]);
    const idle = textsOf(windowsInstall({ ...FACTS, isPm2Running: false, isNow: true }, false));
    assert.ok(!idle.some((text) => text.endsWith('kill')));
  });

  test('one that is there is set again, under its account, and started again with --now', () => {
    const found = { service: { ...SERVICE, account: '.\\ann' }, task: null };
    const plan = planOf(windowsInstall({ ...FACTS, found, isNow: true }, false));
    assert.match(stepText(plan.steps[0] ?? assert.fail()), /nssm\.exe set pm2 Application/);
    assert.match(plan.notes.join('\n'), /runs as \.\\ann/);
    assert.deepEqual(plan.steps.slice(-4).map(stepText), [
      'sc.exe stop pm2',
      'wait until the service pm2 has stopped',
      'sc.exe start pm2',
      'wait until the service pm2 runs',
    ]);
  });

  test('is taken out without NSSM, and stopped before', () => {
    const found = { service: SERVICE, task: null };
    const plan = planOf(windowsUninstall({ ...FACTS, found, nssm: null }));
    assert.deepEqual(plan.steps.map(stepText), [
      'sc.exe stop pm2',
      'wait until the service pm2 has stopped',
      'sc.exe delete pm2',
    ]);
    assert.match(plan.notes.join('\n'), /it stops, with all its apps/);
    const stopped = { service: { ...SERVICE, isRunning: false }, task: null };
    const texts = textsOf(windowsUninstall({ ...FACTS, found: stopped }));
    assert.deepEqual(texts, ['sc.exe delete pm2']);
  });
});

describe('by the Task Scheduler', () => {
  const bare = { ...FACTS, nssm: null };

  test('at boot and as the user, for an administrator', () => {
    const plan = planOf(windowsInstall(bare, false));
    const [launcher, file] = plan.steps;
    assert.deepEqual(plan.steps.map(stepText), [
      String.raw`write C:\Users\ann\.pm2\pm2-service.cjs`,
      String.raw`write C:\Users\ann\.pm2\pm2-service.xml`,
      String.raw`schtasks.exe /Create /TN pm2 /XML C:\Users\ann\.pm2\pm2-service.xml /F`,
      String.raw`remove C:\Users\ann\.pm2\pm2-service.xml`,
    ]);
    assert.ok(launcher?.type === 'write' && file?.type === 'write');
    assert.match(String(launcher.content), /PM2_HOME = "C:\\\\Users\\\\ann\\\\\.pm2"/);
    const xml = Buffer.from(file.content).toString('utf16le');
    assert.match(xml, /^\uFEFF<\?xml version="1\.0" encoding="UTF-16"\?>\r\n/);
    assert.match(xml, /<BootTrigger \/>/);
    assert.match(xml, /<UserId>DESK\\ann<\/UserId><LogonType>S4U</);
    assert.match(xml, /<ExecutionTimeLimit>PT0S</);
    assert.match(xml, /<Arguments>"C:\\Users\\ann\\\.pm2\\pm2-service\.cjs"</);
  });

  test('at login for anybody else, and it says so', () => {
    const plan = planOf(windowsInstall({ ...bare, mayBeAdmin: false, isNow: true }, false));
    assert.match(plan.notes.join('\n'), /only when DESK\\ann logs in/);
    assert.equal(stepText(plan.steps.at(-1) ?? assert.fail()), 'schtasks.exe /Run /TN pm2');
    const file = plan.steps[1];
    assert.ok(file?.type === 'write');
    const xml = Buffer.from(file.content).toString('utf16le');
    assert.match(xml, /<LogonTrigger><UserId>DESK\\ann</);
    assert.match(xml, /<LogonType>InteractiveToken</);
    // NSSM on the PATH is of no use without rights.
    const other = planOf(windowsInstall({ ...FACTS, mayBeAdmin: false }, false));
    assert.ok(other.steps.map(stepText).some((text) => text.startsWith('schtasks.exe /Create')));
  });

  test('a name that XML has signs for is a text in it', () => {
    const odd = { ...bare, pm2Home: 'C:\\a & <b>\\.pm2' };
    const file = planOf(windowsInstall(odd, false)).steps[1];
    assert.ok(file?.type === 'write');
    const xml = Buffer.from(file.content).toString('utf16le');
    assert.match(xml, /"C:\\a &amp; &lt;b&gt;\\\.pm2\\pm2-service\.cjs"/);
  });

  test('is taken out with the file that it starts', () => {
    const found = { service: null, task: { ...TASK, isRunning: true } };
    assert.deepEqual(textsOf(windowsUninstall({ ...bare, found })), [
      `"${NODE}" "${PM2}" kill`,
      'schtasks.exe /Delete /TN pm2 /F',
      String.raw`remove C:\Users\ann\.pm2\pm2-service.cjs`,
    ]);
  });
});

describe('nothing is done', () => {
  test('to a service or a task of another', () => {
    const other = { service: { ...SERVICE, isForHome: false }, task: null };
    assert.match(
      refusalOf(windowsInstall({ ...FACTS, found: other }, false)),
      /already a service pm2.*--name/,
    );
    assert.match(refusalOf(windowsUninstall({ ...FACTS, found: other })), /left as it is/);
    const task = { service: null, task: { ...TASK, isForLauncher: false } };
    assert.match(refusalOf(windowsInstall({ ...FACTS, found: task }, false)), /already a task pm2/);
  });

  test('where the other of both starts PM2 already', () => {
    const task = { service: null, task: TASK };
    assert.match(
      refusalOf(windowsInstall({ ...FACTS, found: task }, false)),
      /the task pm2 starts PM2 already/,
    );
    const service = { service: SERVICE, task: null };
    const found = windowsInstall({ ...FACTS, nssm: null, found: service }, false);
    assert.match(refusalOf(found), /the service pm2 starts PM2 already/);
  });

  test('without the rights for it', () => {
    const facts = { ...FACTS, mayBeAdmin: false };
    assert.match(refusalOf(windowsInstall(facts, true)), /administrator/);
    const found = { service: SERVICE, task: null };
    assert.match(refusalOf(windowsUninstall({ ...facts, found })), /administrator/);
  });

  test('where there is nothing to remove', () => {
    assert.equal(windowsUninstall(FACTS), null);
  });
});

test('the state of what is there, and of nothing', () => {
  assert.deepEqual(windowsState({ service: SERVICE, task: null }), {
    starts: { at: 'boot', isKnown: true },
    by: 'the service pm2',
    isServiceRunning: true,
    reason: null,
  });
  const byHand = windowsState({ service: { ...SERVICE, startsAtBoot: false }, task: null });
  assert.equal(byHand.starts.at, null);
  assert.match(byHand.reason ?? '', /not set to start at boot/);
  assert.equal(
    windowsState({ service: null, task: { ...TASK, starts: 'login' } }).starts.at,
    'login',
  );
  assert.match(windowsState({ service: null, task: null }).reason ?? '', /service install/);
});

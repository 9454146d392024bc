import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executeSteps } from '../../../src/cli/service/execute-steps.ts';
import { stepText, type Plan, type Refusal, type Step } from '../../../src/cli/service/plan.ts';
import { windowsInstall } from '../../../src/cli/service/windows.ts';
import type { WindowsFacts } from '../../../src/cli/service/windows-facts.ts';

const FACTS: WindowsFacts = {
  name: 'pm2',
  user: String.raw`DESK\ann`,
  pm2Home: String.raw`C:\pm2`,
  node: String.raw`C:\node.exe`,
  pm2Program: String.raw`C:\app\pm2`,
  nodeFolder: 'C:\\',
  nssm: String.raw`C:\nssm.exe`,
  mayBeAdmin: true,
  found: { service: null, task: null },
  isPm2Running: true,
  needsSave: true,
  isNow: true,
};
const SERVICE = {
  name: 'pm2',
  isForHome: true,
  startsAtBoot: true,
  isRunning: false,
  account: 'LocalSystem',
};
const TASK = { name: 'pm2', isForLauncher: true, starts: 'boot', isRunning: false } as const;

/** What was done after the step whose text contains `failing` failed, and what a person reads of it. */
async function after(
  failing: string,
  plan: Plan | Refusal,
): Promise<{ readonly isDone: boolean; readonly done: string[]; readonly said: string[] }> {
  assert.ok('steps' in plan);
  const said: string[] = [];
  const done: string[] = [];
  let hasFailed = false;
  const isDone = await executeSteps(plan.steps, {
    execute: async (step: Step) => {
      if (!hasFailed && stepText(step).includes(failing)) {
        hasFailed = true;
        throw new Error('access denied');
      }
      if (hasFailed) done.push(stepText(step));
    },
    signal: AbortSignal.abort(),
    err: (text) => said.push(text),
  });
  return { isDone, done, said };
}

test('a new service that cannot be set up is removed again', async () => {
  const { isDone, done, said } = await after('AppDirectory', windowsInstall(FACTS, false));
  assert.equal(isDone, false);
  assert.deepEqual(done, ['sc.exe delete pm2']);
  assert.deepEqual(said, [
    String.raw`C:\nssm.exe set pm2 AppDirectory C:\pm2: access denied`,
    'taking back: sc.exe delete pm2',
  ]);
});

test('one that does not come up is stopped and removed, and the apps start as before', async () => {
  const { done } = await after('wait until the service pm2 runs', windowsInstall(FACTS, false));
  assert.deepEqual(done, [
    'sc.exe stop pm2',
    'wait until the service pm2 has stopped',
    String.raw`C:\node.exe C:\app\pm2 resurrect`,
    'sc.exe delete pm2',
  ]);
});

test('nothing is taken back where nothing was done, and a service of before stays', async () => {
  assert.deepEqual((await after(' save', windowsInstall(FACTS, false))).done, []);
  const found = { service: SERVICE, task: null };
  const again = windowsInstall({ ...FACTS, found, isNow: false }, false);
  assert.deepEqual((await after('AppParameters', again)).done, []);
});

test('a task that the Task Scheduler refuses leaves no file', async () => {
  const bare = { ...FACTS, nssm: null };
  assert.deepEqual((await after('/Create', windowsInstall(bare, false))).done, [
    String.raw`remove C:\pm2\pm2-service.xml`,
    String.raw`remove C:\pm2\pm2-service.cjs`,
  ]);
  const found = { service: null, task: TASK };
  const again = windowsInstall({ ...bare, found, isPm2Running: false }, false);
  // The task of before goes on starting its file.
  assert.deepEqual((await after('/Run', again)).done, [String.raw`remove C:\pm2\pm2-service.xml`]);
});

test('what cannot be taken back is said, and the rest is', async () => {
  const said: string[] = [];
  const steps: Step[] = [
    { type: 'remove', path: 'a', undoneBy: [{ type: 'remove', path: 'undo a' }] },
    { type: 'remove', path: 'b', undoneBy: [{ type: 'remove', path: 'undo b' }] },
    { type: 'remove', path: 'bad' },
  ];
  const isDone = await executeSteps(steps, {
    execute: async (step) => {
      if (['remove bad', 'remove undo b'].includes(stepText(step))) throw new Error('no');
    },
    signal: new AbortController().signal,
    err: (text) => said.push(text),
  });
  assert.equal(isDone, false);
  assert.deepEqual(said, [
    'remove bad: no',
    'taking back: remove undo b',
    'remove undo b: no',
    'taking back: remove undo a',
  ]);
});

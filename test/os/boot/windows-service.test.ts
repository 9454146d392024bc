import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  parseServiceState,
  parseValues,
  readWindowsService,
} from '../../../src/os/boot/windows-service.ts';

/** What `reg query` said of a service that NSSM had made (Wine 8; Windows has the same form). */
const KEY = [
  '',
  String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\pm2`,
  '    Description    REG_SZ    PM2, and the apps',
  '    DisplayName    REG_SZ    pm2',
  String.raw`    ImagePath    REG_EXPAND_SZ    C:\tools dir\nssm.exe`,
  '    ObjectName    REG_SZ    LocalSystem',
  '    Start    REG_DWORD    0x2',
  '',
  String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\pm2\Parameters`,
  String.raw`    AppEnvironmentExtra    REG_MULTI_SZ    PM2_HOME=C:\pm2 home\0PATH=C:\node;%PATH%`,
  String.raw`    Application    REG_EXPAND_SZ    C:\node.exe`,
  String.raw`    AppParameters    REG_EXPAND_SZ    "C:\my app\node_modules\pm2\bin\pm2" resurrect --no-daemon`,
  '',
  String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\pm2\Parameters\AppExit`,
  '    (Default)    REG_SZ    Restart',
  '',
].join('\r\n');

const state = (heading: string, number: number, name: string): string =>
  [
    '',
    'SERVICE_NAME: pm2 ',
    '        TYPE               : 10  WIN32_OWN_PROCESS  ',
    `        ${heading.padEnd(18)} : ${number}  ${name} `,
    '                                (STOPPABLE, PAUSABLE, ACCEPTS_SHUTDOWN)',
    '        WIN32_EXIT_CODE    : 0  (0x0)',
    '',
  ].join('\r\n');

const runOf =
  (key: string | null, query: string | null) =>
  async (file: string): Promise<string | null> =>
    file === 'reg.exe' ? key : query;

describe('a service of Windows', () => {
  test('that NSSM runs PM2 in', async () => {
    const run = runOf(KEY, state('STATE', 4, 'RUNNING'));
    assert.deepEqual(await readWindowsService('pm2', String.raw`c:\PM2 home`, run), {
      name: 'pm2',
      isForHome: true,
      startsAtBoot: true,
      isRunning: true,
      account: 'LocalSystem',
    });
  });

  test('of another PM2_HOME is not ours, nor one whose path only begins like ours', async () => {
    const run = runOf(KEY, null);
    for (const home of [String.raw`C:\pm2`, String.raw`C:\pm2 home\0PATH`, 'C:\\']) {
      assert.equal((await readWindowsService('pm2', home, run))?.isForHome, false, home);
    }
    const inner = KEY.replace('PM2_HOME=', 'MY_PM2_HOME=');
    const found = await readWindowsService('pm2', String.raw`C:\pm2 home`, runOf(inner, null));
    assert.equal(found?.isForHome, false);
  });

  test('that runs something else is not ours', async () => {
    const run = runOf(KEY.replace('resurrect', 'logs'), null);
    const found = await readWindowsService('pm2', String.raw`C:\pm2 home`, run);
    assert.equal(found?.isForHome, false);
  });

  test('whose path has letters that the code page of the console replaced', async () => {
    const run = runOf(KEY.replace('C:\\pm2 home', 'C:\\J\uFFFDrg\\.pm2'), null);
    const found = await readWindowsService('pm2', 'C:\\Jörg\\.pm2', run);
    assert.equal(found?.isForHome, true);
  });

  test('that is started by hand does not start at boot, and one that is not there is null', async () => {
    const byHand = runOf(KEY.replace('0x2', '0x3'), state('STATE', 1, 'STOPPED'));
    const found = await readWindowsService('pm2', String.raw`C:\pm2 home`, byHand);
    assert.deepEqual([found?.startsAtBoot, found?.isRunning], [false, false]);
    const missing = 'ERROR: The system was unable to find the specified registry key or value.\r\n';
    assert.equal(await readWindowsService('pm2', 'C:\\', runOf(missing, null)), null);
    assert.equal(await readWindowsService('pm2', 'C:\\', runOf(null, null)), null);
  });
});

describe('the state of a service', () => {
  for (const [heading, number, name] of [
    ['STATE', 4, 'RUNNING'],
    ['STATUS', 2, 'WIRD GESTARTET'],
    ['ESTADO', 1, 'DETENIDO'],
    ['�TAT', 3, 'STOP_PENDING'],
  ] as const) {
    test(`${heading} ${name} is ${number}`, () => {
      assert.equal(parseServiceState(state(heading, number, name)), number);
    });
  }

  test('is null where there is no such service', () => {
    const text =
      '[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:\r\n\r\nDer Dienst ist kein installierter Dienst.\r\n';
    assert.equal(parseServiceState(text), null);
    assert.equal(parseServiceState(''), null);
  });
});

test('a value of the registry with nothing in it is an empty text', () => {
  const values = parseValues(
    '    AppParameters    REG_EXPAND_SZ    \r\n    Start    REG_DWORD    0x2\r\n',
  );
  assert.deepEqual(
    [...values],
    [
      ['AppParameters', ''],
      ['Start', '0x2'],
    ],
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { launcherOf, windowsStart } from '../../../src/os/boot/windows.ts';
import { readWindowsTask } from '../../../src/os/boot/windows-task.ts';

const HOME = String.raw`C:\Users\ann & bob\.pm2`;
const LAUNCHER = launcherOf(HOME);

/** What `schtasks /Query /XML` says: its own order, and more than was given. */
const xml = (trigger: string, settings = ''): string =>
  `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <URI>\\pm2</URI>
  </RegistrationInfo>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-21-1-2-3-1001</UserId>
      <LogonType>S4U</LogonType>
    </Principal>
  </Principals>
  <Settings>${settings}
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
  </Settings>
  <Triggers>${trigger}</Triggers>
  <Actions Context="Author">
    <Exec>
      <Command>C:\\Program Files\\nodejs\\node.exe</Command>
      <Arguments>"C:\\Users\\ann &amp; bob\\.pm2\\pm2-service.cjs"</Arguments>
    </Exec>
  </Actions>
</Task>
`.replaceAll('\n', '\r\n');

const ROW = (status: string, result: string): string =>
  `"DESK","\\pm2","N/A","${status}","Interactive/Background","28.11.2026 20:00:00","${result}","DESK\\ann","node.exe"\r\n`;

const runOf =
  (text: string, row = ROW('Ready', '0')) =>
  async (file: string, args: readonly string[]): Promise<string | null> =>
    file !== 'schtasks.exe' ? null : args.includes('/XML') ? text : row;

describe('a task of the Task Scheduler', () => {
  test('that starts PM2 at boot, and runs, in German', async () => {
    const run = runOf(xml('<BootTrigger />'), ROW('Wird ausgeführt', '267009'));
    const found = await readWindowsTask('pm2', LAUNCHER, run);
    assert.deepEqual(found, { name: 'pm2', isForLauncher: true, starts: 'boot', isRunning: true });
  });

  test('at login, switched off, and of another PM2_HOME', async () => {
    const login = xml('<LogonTrigger><UserId>ann</UserId></LogonTrigger>');
    const read = (text: string, launcher = LAUNCHER): ReturnType<typeof readWindowsTask> =>
      readWindowsTask('pm2', launcher, runOf(text));
    assert.equal((await read(login))?.starts, 'login');
    assert.equal((await read(login))?.isRunning, false);
    const off = xml('<BootTrigger />', '<Enabled>false</Enabled>');
    assert.equal((await read(off))?.starts, null);
    assert.equal((await read(login, String.raw`D:\pm2-service.cjs`))?.isForLauncher, false);
  });

  test('that is not there is null, with every exit code and in every language', async () => {
    for (const text of ['', 'FEHLER: Das System kann die angegebene Datei nicht finden.\r\n']) {
      assert.equal(await readWindowsTask('pm2', LAUNCHER, runOf(text)), null);
    }
  });

  test('is what starts PM2 at boot', async () => {
    const at = await windowsStart({ pm2Home: HOME, run: runOf(xml('<BootTrigger />')) });
    assert.deepEqual(at, { state: 'installed', unit: 'the task pm2' });
    const login = await windowsStart({ pm2Home: HOME, run: runOf(xml('<LogonTrigger />')) });
    assert.deepEqual(login, { state: 'installed', unit: 'the task pm2, when you log in' });
    const other = await windowsStart({ pm2Home: 'D:\\pm2', run: runOf(xml('<BootTrigger />')) });
    assert.equal(other.state, 'unknown');
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemProgram } from '../../src/os/system-program.ts';

const at = (file: string, systemRoot?: string): string =>
  systemProgram(file, { platform: 'win32', systemRoot });

test('a program of Windows is never looked for in the current folder', () => {
  assert.equal(at('netstat.exe', 'D:\\WINNT'), 'D:\\WINNT\\System32\\netstat.exe');
  const powershell = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;
  assert.equal(at('powershell.exe', 'C:\\Windows'), powershell);
});

test('a root that is no absolute path is not believed', () => {
  for (const root of [undefined, '', '.', 'C:', 'C:Windows', '..\\..']) {
    assert.equal(at('sc.exe', root), String.raw`C:\Windows\System32\sc.exe`, String(root));
  }
});

test('a path stays, and so does a name on another system', () => {
  assert.equal(at(String.raw`C:\nssm\nssm.exe`), String.raw`C:\nssm\nssm.exe`);
  assert.equal(at('C:/node/node.exe'), 'C:/node/node.exe');
  assert.equal(systemProgram('ps', { platform: 'linux', systemRoot: 'C:\\' }), 'ps');
});

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hostsOf } from '../../../src/cli/status/hosts-file.ts';

const TOKEN = 'f00dfeedf00dfeed0001';

describe('the hosts of status', () => {
  let folder: string;
  let file: string;
  const write = (text: string): Promise<void> => writeFile(file, text, { mode: 0o600 });
  const shown = async (given: string[], from: string | undefined): Promise<string[]> =>
    (await hostsOf(given, from)).map(({ title, token }) => `${title} ${token?.reveal() ?? '-'}`);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-hosts-'));
    file = join(folder, 'hosts');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('come from the file where none is given, each once', async () => {
    await write(
      `# mine\r\n\r\nweb-1 ${TOKEN}\r\n  https://web-2.example\t${TOKEN}x \nweb-3\nweb-3:9616\n`,
    );
    assert.deepEqual(await shown([], file), [
      `web-1:9616 ${TOKEN}`,
      `https://web-2.example ${TOKEN}x`,
      'web-3:9616 -',
    ]);
  });

  test('that are given get the token of their own line, and no other', async () => {
    await write(`web-1 ${TOKEN}\n`);
    assert.deepEqual(await shown(['web-2', 'web-1:9616', 'https://web-1', 'web-1'], file), [
      'web-2:9616 -',
      `web-1:9616 ${TOKEN}`,
      'https://web-1 -',
    ]);
  });

  test('need no file', async () => {
    assert.deepEqual(await shown(['web-1'], undefined), ['web-1:9616 -']);
  });

  test('of a bad line: its place is said, its token is not', async () => {
    const BAD: readonly (readonly [string, RegExp])[] = [
      [`web-1 ${TOKEN} x`, /hosts, line 2: got 3 words, wanted a host and its token/],
      ['web-1 s3cret', /hosts, line 2: the token: got 6 characters, wanted at least 16/],
      [`ftp://x ${TOKEN}`, /hosts, line 2: got 'ftp:\/\/x'; write a URL/],
    ];
    for (const [line, message] of BAD) {
      await write(`#\n${line}\n`);
      await assert.rejects(hostsOf([], file), (error: { code: string; message: string }) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes('s3cret') && !error.message.includes(TOKEN));
        return error.code === 'ERR_CONFIG';
      });
    }
  });

  test('of a file that others can read, that is empty or is not there: refused', async () => {
    await write('web-1\n');
    await chmod(file, 0o644);
    await assert.rejects(hostsOf([], file), { code: 'ERR_CONFIG', message: /chmod 600/ });
    await chmod(file, 0o600);
    await write('# none\n');
    await assert.rejects(hostsOf([], file), { code: 'ERR_CONFIG', message: /names no host/ });
    await assert.rejects(hostsOf([], join(folder, 'none')), {
      code: 'ERR_CONFIG',
      message: /ENOENT/,
    });
  });
});

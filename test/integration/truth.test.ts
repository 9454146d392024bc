import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { freePort, Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';

const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

describe('what is shown is true', () => {
  let sandbox: Pm2Sandbox;
  let folder: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    folder = mkdtempSync(join(tmpdir(), 'pl-truth-'));
  });

  after(async () => {
    await sandbox.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const cli = (...words: readonly string[]): Promise<Ran> =>
    sandbox.run(process.execPath, [CLI, ...words], {}, folder);

  test('a block that was removed from the file is reported, with the command that drops it', async () => {
    await sandbox.startMonitor();
    const script = join(folder, 'idle.cjs');
    writeFileSync(script, 'setInterval(() => undefined, 1_000);\n');
    const file = join(folder, 'ecosystem.config.cjs');
    const write = (block: object): void => {
      const app = { name: 'web', script, cwd: folder, ...block };
      writeFileSync(file, `module.exports = ${JSON.stringify({ apps: [app] })};\n`);
    };
    write({ env_liveness: { tcp: `127.0.0.1:${await freePort()}` } });
    assert.equal((await sandbox.pm2In(folder, ['start', file])).exitCode, 0);
    await sandbox.reaches('web', 'starting');
    for (const command of ['status', 'describe web', 'doctor']) {
      assert.doesNotMatch((await cli(...command.split(' '))).text, /any more/, command);
    }
    write({});
    assert.equal((await sandbox.pm2In(folder, ['restart', file, '--update-env'])).exitCode, 0);
    await sandbox.reaches('web', 'starting');
    for (const command of ['status', 'describe web', 'doctor']) {
      const text = (await cli(...command.split(' '))).text.replace(/\s+/g, ' ');
      assert.match(
        text,
        /web: ecosystem\.config\.cjs has no env_liveness for it any more/,
        command,
      );
      assert.match(text, /pm2 delete web && pm2 start ecosystem\.config\.cjs --only web/, command);
    }
    // And it does end it.
    await sandbox.pm2In(folder, ['delete', 'web']);
    await sandbox.pm2In(folder, ['start', file, '--only', 'web']);
    assert.doesNotMatch((await cli('doctor')).text, /any more/);
  });

  test('an app that is down while another of this PM2 has its port: reported, without advice to kill', async () => {
    const api = await smallServer(sandbox, 'api');
    await sandbox.start(api);
    const port = api.env?.['PORT'] ?? '';
    const script = join(folder, 'loser.cjs');
    writeFileSync(script, `require('node:net').createServer().listen(${port}, '127.0.0.1');\n`);
    await sandbox.start({
      name: 'loser',
      script,
      max_restarts: 2,
      env_liveness: { tcp: `127.0.0.1:${port}` },
    });
    // PM2 gives it up after two more starts, each of which takes seconds on a busy machine.
    await sandbox.reaches('loser', 'open', 60_000);
    const { out } = await cli('doctor', '--json');
    const { findings } = JSON.parse(out) as {
      findings: { check: string; what: string; fix: string }[];
    };
    const found = findings.find(({ check, what }) => check === 'port' && what.startsWith('loser'));
    const { pm_id: id } = await sandbox.app('api');
    assert.match(found?.what ?? '', new RegExp(`port ${port} is held by process`));
    assert.match(
      found?.fix ?? '',
      new RegExp(`stop api, which this PM2 runs too \\(pm2 stop ${id}\\)`),
    );
    assert.doesNotMatch(found?.fix ?? '', /kill/);
  });

  test('a monitor that answers 500 is there', { skip: process.platform === 'win32' }, async () => {
    await sandbox.pm2('delete', 'pm2-liveness');
    const server = createServer((_, response) => {
      response.writeHead(500);
      response.end('{"error":"boom"}');
    });
    await new Promise<void>((resolve) => {
      server.listen(socketPathOf(sandbox.home).path, resolve);
    });
    try {
      for (const command of ['status', 'describe web', 'pause web', 'doctor']) {
        const { exitCode, text } = await cli(...command.split(' '));
        assert.equal(exitCode, 1, command);
        assert.match(text.replace(/\s+/g, ' '), /answered 500: boom/, command);
        assert.doesNotMatch(text, /no monitor/, command);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CANARY_ENV, canaryApps, plainCanary, sung } from '../support/canary.ts';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

/** Apps that are well or not, but none of which the monitor could judge by a block. */
const REFUSED = ['quoted', 'assigned', 'badPort', 'badUrl', 'badQuery', 'badBody'];

describe('no secret of an app is in anything that the monitor prints or saves', () => {
  let sandbox: Pm2Sandbox;
  let apps: readonly App[];
  let port: number;
  /** What was said, by who said it. */
  const said = new Map<string, string>();

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    port = await freePort();
    apps = await canaryApps(sandbox.home, port, await freePort());
    await sandbox.start(...apps);
  });

  after(() => sandbox.destroy());

  async function cli(...args: readonly string[]): Promise<string> {
    const { text } = await sandbox.run(process.execPath, [program, ...args]);
    said.set(`${said.size} ${args.join(' ')}`, text);
    return text;
  }

  async function allAreJudged(): Promise<void> {
    await until(
      'every app was asked and found wanting',
      async () => {
        const document = await sandbox.status();
        const seen = new Map(document?.targets.map((target) => [target.name, target]));
        const names = apps.map(({ name }) => name).filter((name) => !REFUSED.includes(name));
        const missing = names.filter((name) => {
          const { last, state, incident } = seen.get(name) ?? {};
          const isTold = incident !== null || state === 'degraded' || last?.ok === null;
          return !last || last.ok === true || !isTold;
        });
        if (missing.length > 0) throw new Error(`not yet: ${missing.join(', ')}`);
        return (document?.misconfigured.length ?? 0) >= REFUSED.length - 1;
      },
      { withinMs: 40_000, everyMs: 300 },
    );
  }

  test('while all fail, in every way', async () => {
    for (const format of ['text', 'json']) {
      await sandbox.startMonitor({ LIVENESS_LOG: format, MONITOR_SECRET: plainCanary('monitor') });
      await allAreJudged();
      said.set(`the log, ${format}`, await sandbox.output('pm2-liveness'));
      said.set(
        `metrics, ${format}`,
        JSON.stringify((await sandbox.app('pm2-liveness')).pm2_env.axm_monitor),
      );
      if (format === 'text') await sandbox.pm2('delete', 'pm2-liveness');
    }
    await cli('status');
    await cli('status', '--json');
    for (const name of ['redirect', 'command', 'frames', 'vite', 'body', 'missing']) {
      await cli('describe', name);
    }
    await cli('events');
    await cli('events', '--json');
    await cli('check');
    await cli('check', '--json');
    await cli('check', `http://127.0.0.1:${port}/redirect?t=${plainCanary('adhoc')}`);
    await cli('check', `http://me:${plainCanary('adhoc')}@127.0.0.1:${port}/`);
    await cli('check', '--json', `http://127.0.0.1:${port}/x?t=${plainCanary('adhoc')}`);
    await cli('config', 'print');
    await cli('config', 'print', '--json');
    await cli('doctor');
    for (const [action, app] of [
      ['status'],
      ['probe', 'redirect'],
      ['probe', 'command'],
      ['pause', 'x'],
    ]) {
      const words = ['trigger', 'pm2-liveness', action ?? '', ...(app === undefined ? [] : [app])];
      said.set(`pm2 ${words.join(' ')}`, (await sandbox.pm2(...words)).text);
    }
    await sandbox.pm2('stop', 'pm2-liveness');
    const folder = join(sandbox.home, 'pm2-liveness');
    for (const file of await readdir(folder)) {
      const path = join(folder, file);
      if (!(await stat(path)).isFile()) continue;
      assert.equal((await stat(path)).mode & 0o077, 0, `${file} is its owner's alone`);
      said.set(`the file ${file}`, await readFile(path, 'utf8'));
    }
    const heard = [...said].flatMap(([who, text]) => {
      const found = sung(text);
      return found === null ? [] : [`${who}: ${found}`];
    });
    assert.deepEqual(heard, []);
  });

  test('and the tests would have seen it: every place was spoken of', async () => {
    const told = [...said.values()].join('\n');
    for (const each of [
      /redirect\/\$\{C_WORD\}\?v=\$\{C_VAR\}&…/,
      /answered 302 .* to http:\/\/other\//,
      /the text of `body` not found in the body/,
      /the expression of `bodyNot` found in the body/,
      /ECONNREFUSED/,
      /no answer within 900 ms/,
      /TLS: the port does not speak TLS/,
      /closed \(4000 no \{"token":"…|closed \(4000 no …/,
      /handshake: .*answered 403 no /,
      /exited with code 3: /,
      /no-such-program was not found/,
      /got '"' in a command/,
      /begins with a variable/,
      /got '\$\{C_WORD\}'; write a number with a unit/,
      /got a URL with a user name or password/,
      /DB_PASSWORD=\$\{DB_PASSWORD\}/,
    ]) {
      assert.ok(each.test(told), `nobody said ${each}`);
    }
    // The app itself prints all of it, so the search could find it.
    const log = await readFile(join(sandbox.home, 'logs', 'redirect-error.log'), 'utf8');
    assert.ok(log.includes(CANARY_ENV.C_VAR) && sung(log) !== null);
  });
});

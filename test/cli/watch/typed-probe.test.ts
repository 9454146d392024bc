import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { typedProposal } from '../../../src/cli/watch/typed-probe.ts';
import type { Plan } from '../../../src/cli/watch/plan.ts';
import { codeOf } from '../../../src/errors.ts';
import { freePort } from '../../support/pm2-sandbox.ts';
import { listening, ownApp, pm2HomeFor, webPort } from './pm2-at.ts';

const { signal } = new AbortController();

/** The proposal for a word, typed for an app that this process is. */
function typed(word: string, home: string, app = ownApp()): Promise<Plan['proposal']> {
  return typedProposal(word, app, { pm2Home: home, processes: [app] }, signal);
}

describe('a typed probe', () => {
  test('is http with any status where the port answers HTTP', async (t) => {
    const { home } = await pm2HomeFor(t);
    const port = await webPort(t, (_, answer) => answer.writeHead(404).end());
    const { block, found, warning } = await typed(String(port), home);
    assert.deepEqual(block, { http: { url: `http://127.0.0.1:${port}/`, status: '100-599' } });
    assert.equal(found, `http http://127.0.0.1:${port}/ was tried: answered 404`);
    assert.equal(warning, null);
  });

  test('is tcp where the port refuses HTTP, and says what that cannot see', async (t) => {
    const { home } = await pm2HomeFor(t);
    const port = await listening(
      t,
      createServer((socket) => socket.on('error', () => undefined).end('-ERR\r\n')),
    );
    const { block, warning } = await typed(String(port), home);
    assert.deepEqual(block, { tcp: `127.0.0.1:${port}` });
    assert.match(warning ?? '', /a hung app still passes/);
  });

  test('is none where the port is silent: tcp would call a hung app well', async (t) => {
    const { home } = await pm2HomeFor(t);
    const sockets = new Set<{ destroy: () => unknown }>();
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    const port = await listening(
      t,
      createServer((socket) => sockets.add(socket)),
    );
    const { block, found, warning } = await typed(String(port), home);
    assert.equal(block, null);
    assert.match(found, /^http .* was tried, and web would be restarted for it: /);
    assert.match(warning ?? '', /type tcp:\/\/ before the address/);
  });

  test('with a path of its own wants a good answer, and takes any where that is no', async (t) => {
    const { home } = await pm2HomeFor(t);
    const port = await webPort(t, ({ url }, answer) => {
      answer.writeHead(url === '/health' ? 200 : 500).end();
    });
    const good = `http://127.0.0.1:${port}/health`;
    assert.deepEqual((await typed(good, home)).block, { http: good });
    const bad = `http://127.0.0.1:${port}/other`;
    assert.deepEqual((await typed(bad, home)).block, { http: { url: bad, status: '100-599' } });
  });

  test('is none where another process answers', async (t) => {
    const { home } = await pm2HomeFor(t);
    const port = await webPort(t);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    t.after(() => child.kill('SIGKILL'));
    const other = ownApp({ pid: child.pid ?? 0, startedAt: Date.now() });
    const { block, found } = await typed(String(port), home, other);
    assert.equal(block, null);
    assert.match(found, new RegExp(`process ${process.pid}|pid ${process.pid}`));
  });

  test('is none where nobody listens', async (t) => {
    const { home } = await pm2HomeFor(t);
    const { block, found } = await typed(String(await freePort()), home);
    assert.equal(block, null);
    assert.match(found, /ECONNREFUSED/);
  });

  test('is taken as it is, and not tried, for an app that does not run', async (t) => {
    const { home } = await pm2HomeFor(t);
    const app = ownApp({ status: 'stopped', pid: 0 });
    const { block, warning } = await typed('{"tcp":"127.0.0.1:1"}', home, app);
    assert.equal(block, '{"tcp":"127.0.0.1:1"}');
    assert.equal(warning, 'not tried: PM2 says stopped');
  });

  for (const [word, reason] of [
    ['what?', /^watch: got 'what\?'; write a URL, host:port, a port/],
    ['99999', /http\.url: got 'http:\/\/127\.0\.0\.1:99999\/'; not a URL/],
    ['{http:1}', /env_liveness: got text that is not valid JSON/],
    [
      '{"tcp":"127.0.0.1:1","perod":"5s"}',
      /env_liveness\.perod: unknown key; did you mean 'period'\?/,
    ],
  ] as const) {
    test(`is refused for ${word}`, async (t) => {
      const { home } = await pm2HomeFor(t);
      await assert.rejects(typed(word, home), (error: Error) => {
        assert.equal(codeOf(error), 'ERR_USAGE');
        assert.match(error.message, reason);
        return true;
      });
    });
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askMissing } from '../../../src/cli/watch/ask-missing.ts';
import type { Plan } from '../../../src/cli/watch/plan.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import { freePort } from '../../support/pm2-sandbox.ts';
import { FakeIo } from '../io.ts';
import { ownApp, pm2HomeFor, webPort } from './pm2-at.ts';

function unknown(app: ManagedProcess): Plan {
  const proposal = { block: null, found: 'web listens nowhere', warning: null };
  return { app, state: 'none', proposal };
}

/** What came of these answers, for an app that this process is. */
async function answered(
  home: string,
  answers: readonly (string | null)[],
  app = ownApp(),
): Promise<{ plan: Plan; before: Plan; io: FakeIo; asked: readonly string[] }> {
  const io = new FakeIo();
  const asked: string[] = [];
  const ask = async (question: string): Promise<string | null> => {
    asked.push(question);
    return answers[asked.length - 1] ?? null;
  };
  const before = unknown(app);
  const plan = await askMissing(before, { pm2Home: home, processes: [app], io, ask });
  return { plan, before, io, asked };
}

describe('an app for which there is no proposal', () => {
  test('gets the probe that is typed and answered, which is shown', async (t) => {
    const { home } = await pm2HomeFor(t);
    const port = await webPort(t);
    const { plan, io, asked } = await answered(home, [String(port)]);
    assert.equal(plan.state, 'proposed');
    assert.deepEqual(plan.proposal.block, {
      http: { url: `http://127.0.0.1:${port}/`, status: '100-599' },
    });
    assert.deepEqual(asked, ['Type the port, URL or socket of web, or Enter to leave it out: ']);
    assert.match(io.outLines[0] ?? '', /^web: http http:\/\/127\.0\.0\.1:\d+\/, any status/);
  });

  test('is asked for again after a word that means nothing, and one that it does not answer', async (t) => {
    const { home } = await pm2HomeFor(t);
    const port = await webPort(t);
    const { plan, io, asked } = await answered(home, [
      'what?',
      `http://127.0.0.1:${await freePort()}/`,
      String(port),
    ]);
    assert.equal(asked.length, 3);
    assert.equal(plan.state, 'proposed');
    const said = io.errLines.join('\n');
    assert.match(said, /got 'what\?'; write a URL/);
    assert.match(said, /was tried, and web would be restarted for it: .*ECONNREFUSED/);
  });

  test('is left out on Enter, and after five words that mean nothing', async (t) => {
    const { home } = await pm2HomeFor(t);
    const left = await answered(home, ['']);
    assert.equal(left.plan, left.before);
    assert.deepEqual(left.io.outLines, []);
    const wrong = await answered(
      home,
      Array.from({ length: 9 }, () => 'what?'),
    );
    assert.equal(wrong.plan, wrong.before);
    assert.equal(wrong.asked.length, 5);
  });

  test('has the command to type where nobody can be asked, with its name as one word', async (t) => {
    const { home } = await pm2HomeFor(t);
    const { plan, before, io } = await answered(home, [null], ownApp({ name: 'my shop' }));
    assert.equal(plan, before);
    assert.deepEqual(io.outLines, [
      "  to watch it, type: npx pm2-liveness watch 'my shop' <port, URL or socket>",
    ]);
  });
});

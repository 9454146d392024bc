import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Outcome } from '../../../src/probe/probe.ts';
import { LostDependencies } from '../../../src/probe/vite/dependency-check.ts';
import { viteTargetOf } from '../../../src/probe/vite/target.ts';
import { LightAbortController } from '../../../src/time/light-abort.ts';
import { verdictOf } from '../support/ask.ts';
import { fakeVite, script } from '../support/fake-vite.ts';
import type { FakeVite } from '../support/fake-vite.ts';

const PERIOD_MS = 60_000;
const REACT = '/node_modules/.vite/deps/react.js?v=ac0fd1f1';
const DOM = '/node_modules/.vite/deps/react-dom_client.js?v=86946d00';
const GONE = { status: 504, reason: 'Outdated Optimize Dep' } as const;

/** Checks these dependencies again and again, each time as of another second. */
async function checks(
  t: TestContext,
): Promise<{ vite: FakeVite; at: (s: number, ...paths: string[]) => Promise<string> }> {
  const vite = await fakeVite(t);
  const target = viteTargetOf({ url: vite.url });
  const lost = new LostDependencies(PERIOD_MS);
  const at = async (second: number, ...paths: string[]): Promise<string> => {
    const context = {
      signal: new LightAbortController(),
      timeoutMs: 5_000,
      now: () => second * 1_000,
    };
    const urls = paths.map((path) => new URL(path, vite.url));
    return shown(await lost.check(target, urls, context));
  };
  return { vite, at };
}

function shown(outcome: Outcome | undefined): string {
  return outcome === undefined ? 'fine' : `${verdictOf(outcome)}: ${outcome.detail}`;
}

test('dependencies that are there are fine, and only their heads are read', async (t) => {
  const { vite, at } = await checks(t);
  vite.answers.set(REACT, script('x'.repeat(1_000_000)));
  assert.equal(await at(0, REACT), 'fine');
  assert.equal(vite.requests[0]?.headers['sec-fetch-dest'], 'script');
});

test('504 is pending for two deep periods, and then a signature', async (t) => {
  const { vite, at } = await checks(t);
  vite.answers.set(REACT, GONE).set(DOM, GONE);
  assert.match(await at(0, REACT, DOM), /^unknown pending: .* react\.js and 1 more answered 504/);
  assert.match(await at(60, REACT, DOM), /^unknown pending/);
  assert.match(await at(119, REACT, DOM), /^unknown pending/);
  assert.equal(
    await at(120, REACT, DOM),
    'fail signature: react.js and 1 more answered 504 for 120 s: Vite has lost its optimised dependencies (.vite was removed)',
  );
  vite.answers.set(REACT, script('')).set(DOM, script(''));
  assert.equal(await at(130, REACT, DOM), 'fine');
});

test('a real re-optimisation gives them other addresses, and is only ever pending', async (t) => {
  const { vite, at } = await checks(t);
  for (let second = 0; second < 1_000; second += 50) {
    const path = `/node_modules/.vite/deps/react.js?v=${second}`;
    vite.answers.set(path, GONE);
    assert.match(await at(second, path), /^unknown pending/);
  }
});

test('one that was there in between begins again', async (t) => {
  const { vite, at } = await checks(t);
  vite.answers.set(REACT, GONE);
  await at(0, REACT);
  vite.answers.set(REACT, script(''));
  assert.equal(await at(60, REACT), 'fine');
  vite.answers.set(REACT, GONE);
  assert.match(await at(120, REACT), /^unknown pending/);
});

test('another error of theirs is not for this check to judge', async (t) => {
  const { vite, at } = await checks(t);
  vite.answers
    .set(REACT, { status: 500, body: 'oops' })
    .set(DOM, { status: 504, reason: 'Gateway' });
  assert.equal(await at(0, REACT, DOM), 'fine');
});

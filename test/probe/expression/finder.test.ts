import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { isQuick } from '../../../src/probe/http/body-match.ts';
import { ExpressionJudge } from '../../../src/probe/expression/judge.ts';
import { createFinder, type Found } from '../../../src/probe/expression/finder.ts';
import { LightAbortController } from '../../../src/time/light-abort.ts';

const judge = new ExpressionJudge();
after(() => judge.stop());

const SPACES = ' '.repeat(64 * 1024);
const AS = `${'a'.repeat(40)}!`;

/** The context of one probe; its clock is moved by hand. */
function contextAt(
  clock: { now: number },
  signal = new LightAbortController(),
): Parameters<typeof find>[2] {
  return { signal, timeoutMs: 5_000, now: () => clock.now };
}

async function find(
  matcher: RegExp | string,
  texts: readonly string[],
  context: Parameters<ReturnType<typeof createFinder>['find']>[1],
): Promise<Found> {
  return createFinder(matcher, 'body', judge).find(texts, context);
}

test('texts and short expressions without groups and quantifiers are judged in the main thread', () => {
  for (const quick of [
    'ready',
    '/+*',
    /ready/,
    /^ok$/im,
    /"status":"ok"/,
    /a\.b|c\+d/,
    /[abc]\d/,
  ]) {
    assert.ok(isQuick(quick), String(quick));
    assert.equal(typeof createFinder(quick, 'body').find(['x'], contextAt({ now: 0 })), 'boolean');
  }
  for (const slow of [
    /\s*ready/,
    /^(a+)+$/,
    /a?/,
    /(?:a)/,
    /a{2}/,
    /\p{L}/u,
    /(?<!a)b/,
    new RegExp('a'.repeat(101)),
  ]) {
    assert.ok(!isQuick(slow), String(slow));
  }
});

test('an expression of any form says what it says itself', async () => {
  for (const [expression, text] of [
    [/"ok":\s*true/, '{"ok": true}'],
    [/^(?:up|ready)$/im, 'x\nREADY\ny'],
    [/\p{L}{3}/u, '12äöü'],
    [/(a)\1/g, 'xaa'],
    [/a+/y, 'xxa'],
    [/a.c+/s, 'a\nc'],
  ] as const) {
    const plain = new RegExp(expression.source, expression.flags.replaceAll(/[gy]/g, ''));
    for (const each of [text, 'nothing of it']) {
      assert.equal(await find(expression, [each], contextAt({ now: 0 })), plain.test(each));
    }
  }
  assert.equal(await find(/b+/, ['a', 'b', 'c'], contextAt({ now: 0 })), true);
  assert.equal(await find(/d+/, ['a', 'b', 'c'], contextAt({ now: 0 })), false);
});

for (const [expression, text] of [
  [/\s*ready\s*$/, SPACES],
  [/^(a+)+$/, AS],
  [/(?:a|aa)+b/, 'a'.repeat(64 * 1024)],
  [/(.*)*x/s, 'y'.repeat(64 * 1024)],
  [/^(\w+\s?)*$/, `${'word '.repeat(20)}!`],
] as const) {
  test(`${String(expression)} is interrupted, named, and nobody waits for it`, async () => {
    let beats = 0;
    const timer = setInterval(() => (beats += 1), 10);
    const found = await find(expression, [text], contextAt({ now: 0 }));
    clearInterval(timer);
    if (typeof found === 'boolean') assert.fail('it was judged');
    assert.equal(found.cause, 'expression');
    assert.match(found.detail, /^`body` takes more than 100 ms on the answer of the app; /);
    assert.ok(found.detail.endsWith(`: ${String(expression)}`), found.detail);
    assert.ok(beats >= 1, 'the loop goes on meanwhile');
    assert.equal(await find(/o+k/, ['ok'], contextAt({ now: 0 })), true);
  });
}

test('an expression that was slow rests, longer each time, and is well again at once', async () => {
  const clock = { now: 0 };
  let asked = 0;
  const counting = {
    judge: (...args: Parameters<ExpressionJudge['judge']>) => {
      asked += 1;
      return judge.judge(...args);
    },
  };
  // as: only the used fields matter here
  const finder = createFinder(/^(a+)+$/, 'body', counting as ExpressionJudge);
  const look = async (text: string): Promise<Found> => finder.find([text], contextAt(clock));
  for (const [at, isAsked] of [
    [0, 1],
    [999, 1],
    [1_000, 2],
    [2_999, 2],
    [3_000, 3],
    [6_999, 3],
    [7_000, 4],
  ] as const) {
    clock.now = at;
    assert.equal(typeof (await look(AS)), 'object');
    assert.equal(asked, isAsked, `at ${at}`);
  }
  clock.now = 60_000;
  assert.equal(await look('aaa'), true);
  assert.equal(await look('aab'), false);
  assert.equal(asked, 6);
});

test('the same short answer is judged once', async () => {
  let asked = 0;
  const counting = {
    judge: (...args: Parameters<ExpressionJudge['judge']>) => {
      asked += 1;
      return judge.judge(...args);
    },
  };
  // as: only the used fields matter here
  const finder = createFinder(/o+k/, 'body', counting as ExpressionJudge);
  const context = contextAt({ now: 0 });
  for (const text of ['ok', 'ok', 'ok', 'no', 'ok']) await finder.find([text], context);
  assert.equal(asked, 3);
});

test('the deadline of a probe ends the wait, and the others keep their turn', async () => {
  const own = new ExpressionJudge();
  try {
    const signal = new LightAbortController();
    const slow = own.judge({ source: '^(a+)+$', flags: '', texts: [AS], isSuspect: false }, signal);
    const waiting = own.judge({ source: 'x+', flags: '', texts: ['x'], isSuspect: false }, signal);
    const other = own.judge(
      { source: 'x+', flags: '', texts: ['x'], isSuspect: false },
      new LightAbortController(),
    );
    signal.abort();
    assert.deepEqual(await Promise.all([slow, waiting, other]), ['aborted', 'aborted', 'found']);
  } finally {
    own.stop();
  }
});

test('a suspect waits behind all others', async () => {
  const own = new ExpressionJudge();
  try {
    const order: string[] = [];
    const ask = async (name: string, source: string, isSuspect: boolean): Promise<void> => {
      await own.judge({ source, flags: '', texts: [AS], isSuspect }, new LightAbortController());
      order.push(name);
    };
    await Promise.all([
      ask('first', 'a+', false),
      ask('suspect', '^(a+)+$', true),
      ask('clean', 'a+', false),
    ]);
    assert.deepEqual(order, ['first', 'clean', 'suspect']);
  } finally {
    own.stop();
  }
});

test('a judge whose thread is gone says so, and the next question gets a new thread', async () => {
  const own = new ExpressionJudge();
  try {
    const ask = (source: string): ReturnType<ExpressionJudge['judge']> =>
      own.judge({ source, flags: '', texts: [AS], isSuspect: false }, new LightAbortController());
    assert.equal(await ask('a+'), 'found');
    const asked = ask('^(a+)+$');
    own.stop();
    assert.deepEqual(await asked, { unable: 'the judge was stopped' });
    assert.equal(await ask('a+'), 'found');
  } finally {
    own.stop();
  }
});

test('a thread keeps no process alive, idle or after a slow expression', async () => {
  const { href: src } = new URL('../../../src/', import.meta.url);
  const code = `
    const { ExpressionJudge } = await import('${src}probe/expression/judge.ts');
    const { LightAbortController } = await import('${src}time/light-abort.ts');
    const judge = new ExpressionJudge();
    for (const source of ['a+', '^(a+)+$', 'a+']) {
      console.log(await judge.judge({ source, flags: '', texts: ['${AS}'] }, new LightAbortController()));
    }
  `;
  const words = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 60_000 });
  assert.deepEqual(stdout.split('\n'), ['found', 'slow', 'found', '']);
});

test('a machine without descriptors ends no process over an expression', async () => {
  const script = new URL('../support/judge-without-descriptors.ts', import.meta.url).pathname;
  const words = ['-c', 'ulimit -n 500; exec "$0" --import tsx "$1"', process.execPath, script];
  const { stdout } = await promisify(execFile)('sh', words, { timeout: 60_000 });
  // The thread that is there does its work; whether a new one can begin depends on the Node.
  assert.match(stdout, /^found\nfound\nslow\n(?:unable|found)\nfound\n$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAddresses } from '../../../src/probe/net/ask-addresses.ts';
import { awaitReply } from '../../../src/probe/net/attempt.ts';
import type { Attempt, Reply } from '../../../src/probe/net/attempt.ts';
import { outcomeOfError } from '../../../src/probe/net/connect-error.ts';
import { formatEndpoint } from '../../../src/probe/net/endpoint.ts';
import type { Endpoint } from '../../../src/probe/net/endpoint.ts';
import { now, verdictOf } from '../support/ask.ts';

/** What each address does: a code is how its connect fails. */
type Behaviour = 'answers' | 'neverAccepts' | 'acceptsOnly' | { readonly code: string };

interface Run {
  readonly reply: Reply<string>;
  readonly asked: readonly string[];
  readonly ended: ReadonlySet<string>;
}

async function askAll(
  behaviours: Readonly<Record<string, Behaviour>>,
  { timeoutMs = 400, isRepeatable = true, endpoint = undefined as Endpoint | undefined } = {},
): Promise<Run> {
  const asked: string[] = [];
  const ended = new Set<string>();
  const start = (address: string): Attempt<string> => {
    asked.push(address);
    const behaviour = behaviours[address] ?? 'answers';
    const { reply, settle } = awaitReply<string>();
    if (behaviour === 'answers') setImmediate(() => settle({ kind: 'answer', answer: address }));
    if (typeof behaviour === 'object') {
      const error = Object.assign(new Error(behaviour.code), behaviour);
      const outcome = outcomeOfError(error, 'connect', formatEndpoint(address, 1));
      setImmediate(() => settle({ kind: 'failure', outcome, code: behaviour.code }));
    }
    const end = (): void => {
      ended.add(address);
      const detail = `${address} was silent`;
      settle({ kind: 'failure', outcome: { kind: 'fail', class: 'timeout', detail } });
    };
    return { reply, hasConnected: () => behaviour === 'acceptsOnly', end };
  };
  const controller = new AbortController();
  const deadline = setTimeout(() => controller.abort(), timeoutMs);
  const reply = await askAddresses(
    {
      endpoint: endpoint ?? { kind: 'fixed', addresses: Object.keys(behaviours) },
      host: 'a.name',
      port: 1,
      isRepeatable,
      start,
    },
    { signal: controller.signal, timeoutMs, now },
  );
  clearTimeout(deadline);
  return { reply, asked, ended };
}

const told = ({ reply }: Run): string =>
  reply.kind === 'answer' ? reply.answer : `${verdictOf(reply.outcome)}: ${reply.outcome.detail}`;

const REFUSED = { code: 'ECONNREFUSED' } as const;

test('the first address that answers is enough', async () => {
  const run = await askAll({ '127.0.0.1': 'answers', '::1': 'answers' });
  assert.equal(told(run), '127.0.0.1');
  assert.deepEqual(run.asked, ['127.0.0.1']);
});

test('after a refusal the next address is asked at once', async () => {
  assert.equal(told(await askAll({ '127.0.0.1': REFUSED, '::1': 'answers' })), '::1');
});

for (const silence of ['neverAccepts', 'acceptsOnly'] as const) {
  test(`an address that ${silence} does not hide the next one, and is closed`, async () => {
    const run = await askAll({ '127.0.0.1': silence, '::1': 'answers' });
    assert.equal(told(run), '::1');
    assert.ok(run.ended.has('127.0.0.1'));
  });
}

test('a request that must not be repeated is not sent to a second address', async () => {
  const run = await askAll(
    { '127.0.0.1': 'acceptsOnly', '::1': 'answers' },
    { isRepeatable: false, timeoutMs: 80 },
  );
  assert.equal(told(run), 'fail timeout: 127.0.0.1 was silent');
  assert.deepEqual(run.asked, ['127.0.0.1']);
});

test('two refusals are reported together', async () => {
  const run = await askAll({ '127.0.0.1': REFUSED, '::1': REFUSED });
  assert.equal(told(run), 'fail refused: connect ECONNREFUSED 127.0.0.1:1 and [::1]:1');
});

for (const code of ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH']) {
  test(`a family that the machine lacks (${code}) does not spoil a refusal`, async () => {
    const run = await askAll({ '127.0.0.1': REFUSED, '::1': { code } });
    assert.equal(told(run), 'fail refused: connect ECONNREFUSED 127.0.0.1:1');
    assert.equal(told(await askAll({ '127.0.0.1': { code }, '::1': 'answers' })), '::1');
  });
}

test('no refusal is reported while the other address could not be asked', async () => {
  const run = await askAll({ '127.0.0.1': REFUSED, '::1': { code: 'EMFILE' } });
  assert.match(told(run), /^unknown resources: /);
});

test('an address that stays silent decides at the deadline', async () => {
  const run = await askAll({ '127.0.0.1': REFUSED, '::1': 'neverAccepts' }, { timeoutMs: 60 });
  assert.equal(told(run), 'fail timeout: ::1 was silent');
});

test('a look-up that fails or hangs says nothing about the target', async () => {
  const failing: Endpoint = {
    kind: 'named',
    lookUp: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  };
  assert.match(told(await askAll({}, { endpoint: failing })), /^unknown dns: a\.name .*ENOTFOUND/);
  const hanging: Endpoint = { kind: 'named', lookUp: () => new Promise(() => undefined) };
  const run = await askAll({}, { endpoint: hanging, timeoutMs: 30 });
  assert.equal(told(run), 'unknown dns: a.name did not resolve within 30 ms');
});

test('a name with several addresses is asked at each', async () => {
  const endpoint: Endpoint = { kind: 'named', lookUp: async () => ['10.0.0.1', '10.0.0.2'] };
  assert.equal(told(await askAll({ '10.0.0.1': REFUSED }, { endpoint })), '10.0.0.2');
});

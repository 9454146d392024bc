import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentAnswer } from '../../../src/agent/shapes.ts';
import type { HangFacts } from '../../../src/diagnosis/hang/facts.ts';
import { hangLines } from '../../../src/diagnosis/hang/sentence.ts';

const FACTS: HangFacts = {
  state: 'sleeping',
  channel: null,
  share: 0,
  rssBytes: null,
  children: [],
  agent: null,
};

const PARSE = { name: 'parse', file: 'src/parse.ts', line: 41 };
const UPLOAD = { name: 'handleUpload', file: 'src/upload.ts', line: 7 };
const EMIT = { name: 'emit', file: 'node:events', line: 471 };

function agent(changes: Partial<AgentAnswer>): AgentAnswer {
  return {
    schemaVersion: 1,
    pid: 7,
    birth: null,
    isBlocked: true,
    silentMs: 31_000,
    delay: null,
    active: null,
    stack: null,
    profile: null,
    ...changes,
  };
}

function say(changes: Partial<HangFacts>): string {
  return hangLines({ ...FACTS, ...changes })[0] ?? '';
}

test('a busy loop: where, who called it, how busy, how long', () => {
  const busy = {
    state: 'running',
    share: 1,
    agent: agent({ stack: [PARSE, UPLOAD, EMIT] }),
  } as const;
  assert.deepEqual(hangLines({ ...FACTS, ...busy }), [
    'hung in parse (src/parse.ts:41), called by handleUpload; 100 % CPU; its event loop has not turned for 31s',
    'at parse (src/parse.ts:41)',
    'at handleUpload (src/upload.ts:7)',
  ]);
});

test('each kind of hang has a sentence of its own', () => {
  const stack = [PARSE];
  const gc = { hot: [], idleShare: 0, gcShare: 0.9, ms: 50 };
  assert.match(say({ state: 'stopped' }), /^stopped by a signal/);
  assert.match(say({ share: 1, agent: agent({ stack, profile: gc }) }), /^collects garbage: 90 %/);
  assert.match(
    say({ channel: 'futex_do_wait', agent: agent({ stack }) }),
    /^waits for a lock .* in parse/,
  );
  const child = { channel: 'do_epoll_wait', children: ['sleep 9, pid 3'] };
  assert.match(
    say({ ...child, agent: agent({}) }),
    /waits for a process that it started \(sleep 9, pid 3\)/,
  );
  assert.match(say({ channel: 'wait_for_partner', agent: agent({}) }), /\(wait_for_partner\)/);
  assert.match(say({ agent: agent({}) }), /native code/);
});

test('an event loop that is free says what is pending', () => {
  const resources = [
    { name: 'TCPSocketWrap', count: 11 },
    { name: 'TCPServerWrap', count: 1 },
  ];
  const active = { resources, peers: [{ name: '127.0.0.1:5432', count: 10 }] };
  assert.equal(
    say({ agent: agent({ isBlocked: false, active }) }),
    'its event loop is free: nothing keeps it busy; pending: 11 sockets (open connections: 10 to 127.0.0.1:5432)',
  );
});

test('without the agent it says what the system shows, and no more', () => {
  assert.match(say({ state: 'running', share: 0.97 }), /^busy: 97 % CPU; where is not known/);
  assert.match(say({ channel: 'do_epoll_wait' }), /^waits for events/);
  assert.match(say({ channel: 'futex_do_wait' }), /another thread, or for a lock/);
  assert.match(say({ channel: 'wait_for_partner' }), /call of the system \(wait_for_partner\)/);
  assert.match(say({}), /the system does not show why/);
  assert.match(say({ state: 'disk' }), /a disk/);
});

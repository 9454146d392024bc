import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChannels } from '../../../src/notify/channel/parse-channels.ts';
import { EMPTY_OUTBOX, type OutboxDocument } from '../../../src/notify/outbox/outbox-file.ts';
import { channelIdsOf, renameChannels } from '../../../src/notify/outbox/rename-channels.ts';
import { noticeOfTest } from './notice-of-test.ts';

const [A, B] = ['slack:https://a.example/x', 'slack:https://b.example/x'];
const channelsOf = (lines: string): ReturnType<typeof parseChannels>['channels'] =>
  parseChannels(lines, 'S').channels;

function waitingFor(lines: string, name: string): OutboxDocument {
  const queues = { [name]: [{ notice: noticeOfTest('a'), attempts: 0, notBefore: 0 }] };
  return { ...EMPTY_OUTBOX, queues, channels: channelIdsOf(channelsOf(lines)) };
}

function queuesAfter(document: OutboxDocument, lines: string): readonly string[] {
  return Object.keys(renameChannels(document, channelsOf(lines)).queues);
}

test('what waits goes to the same URL, also where a line above gives it another name', () => {
  assert.deepEqual(queuesAfter(waitingFor(A, 'slack'), `${B}\n${A}`), ['slack-2']);
  assert.deepEqual(queuesAfter(waitingFor(A, 'slack'), `${A}?name=ops&severity=warning`), ['ops']);
});

test('what waits for a URL that is gone goes to no other one, and waits until it is back', () => {
  const document = renameChannels(waitingFor(A, 'slack'), channelsOf(B));
  const [gone = ''] = Object.keys(document.queues);
  assert.match(gone, /^slack#[0-9a-f]{12}$/);
  const later = { ...document, channels: channelIdsOf(channelsOf(B)) };
  assert.deepEqual(queuesAfter(later, B), [gone]);
  assert.deepEqual(queuesAfter(later, `${B}\n${A}`), ['slack-2']);
});

test('a name that a person wrote stays the same channel with a new URL', () => {
  const document = waitingFor(`${A}?name=ops`, 'ops');
  assert.deepEqual(queuesAfter(document, `${B}?name=ops`), ['ops']);
});

test('the file of an older monitor has names alone', () => {
  const { channels: _, ...older } = waitingFor(A, 'slack');
  assert.deepEqual(queuesAfter(older, B), ['slack']);
});

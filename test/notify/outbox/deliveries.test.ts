import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendResult } from '../../../src/notify/channel/channel.ts';
import { Deliveries } from '../../../src/notify/outbox/deliveries.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { noticeOfTest } from './notice-of-test.ts';

test('an address that is refused for good while others get the message is logged once, and is a problem', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const warning = '1 of 2 addresses were refused: 550 never';
  let result: SendResult = { kind: 'sent', answer: '250 ok', warning };
  const deliveries = new Deliveries(
    {},
    {
      clock,
      // as: the deliveries write lines alone
      log: { line: (level: string, text: string) => lines.push(`${level} ${text}`) },
      channels: [
        {
          name: 'mail',
          kind: 'smtp',
          shown: 'smtp (h)',
          minSeverity: 'info',
          endpoint: null,
          send: () => Promise.resolve(result),
        },
      ],
      save: () => Promise.resolve(),
      firing: () => null,
    },
  );
  deliveries.start();
  const sends = async (id: string): Promise<string | null | undefined> => {
    deliveries.add('mail', noticeOfTest(id));
    for (let turn = 0; turn < 10; turn += 1) await clock.pass(0);
    return deliveries.status()[0]?.problem;
  };
  assert.equal(await sends('a'), warning);
  assert.equal(await sends('b'), warning);
  assert.deepEqual(lines, [`error notify mail, smtp (h): ${warning}`]);
  result = { kind: 'sent', answer: '250 ok' };
  assert.equal(await sends('c'), null);
  assert.match(lines[1] ?? '', /sent to all addresses again$/);
  await deliveries.stop();
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LinuxListening, parseListening } from '../../../src/os/linux/listening.ts';
import { LinuxProc } from '../../../src/os/linux/proc.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const REST = '00000000:00000000 00:00000000 00000000';

function line(local: string, { state = '0A', uid = 1_000, inode = 46_209 } = {}): string {
  const far = local.length > 13 ? `${'0'.repeat(32)}:0000` : '00000000:0000';
  return `   0: ${local} ${far} ${state} ${REST} ${String(uid).padStart(5)}        0 ${inode} 1 0000000036710640 100 0 0 10 0`;
}

test('one line: where, which, and whose', () => {
  const socket = { address: '127.0.0.1', port: 5_173, id: '46209', uid: 1_000 };
  assert.deepEqual(parseListening(line('0100007F:1435')), socket);
  const six = parseListening(line('0000000000000000FFFF00000100007F:1435', { uid: 65_534 }));
  assert.deepEqual(six, { ...socket, uid: 65_534 }, 'IPv4-mapped is IPv4');
  assert.equal(parseListening(line('0100007F:1435', { uid: 4_294_967_294 }))?.uid, 4_294_967_294);
  for (const other of [
    line('0100007F:1435', { state: '01' }),
    line('0100007:1435'),
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid',
    '',
  ]) {
    assert.equal(parseListening(other), null, other);
  }
});

describe('all sockets, read for all callers', () => {
  function listening(t: TestContext, files: Readonly<Record<string, readonly string[]>>) {
    const root = mkdtempSync(join(tmpdir(), 'pl-listen-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'net'));
    const write = (name: string, lines: readonly string[]): void =>
      writeFileSync(join(root, 'net', name), ['  sl  local_address', ...lines, ''].join('\n'));
    for (const [name, lines] of Object.entries(files)) write(name, lines);
    const clock = new FakeClock();
    const table = new LinuxListening(new LinuxProc(root, clock), () => clock.now());
    return { table, write, clock };
  }

  test('by port, of both families', async (t) => {
    const { table } = listening(t, {
      tcp: [line('0100007F:1435'), line('00000000:1435', { inode: 2 }), line('0100007F:0050')],
      tcp6: [line(`${'0'.repeat(24)}01000000:1435`, { inode: 3 })],
    });
    const sockets = await table.within(0);
    assert.deepEqual(
      sockets?.get(5_173)?.map(({ address, id }) => `${address} ${id}`),
      ['127.0.0.1 46209', '0.0.0.0 2', '::1 3'],
    );
    assert.deepEqual([...(sockets?.keys() ?? [])], [5_173, 80]);
  });

  test('ten thousand of them, and callers meanwhile wait for the same read', async (t) => {
    const many = Array.from({ length: 10_000 }, (_, at) =>
      line(`0100007F:${at.toString(16).toUpperCase().padStart(4, '0')}`, { inode: at }),
    );
    const { table, clock } = listening(t, { tcp: many });
    await clock.pass(1_000);
    const first = table.within(100);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    const [one, other] = await Promise.all([first, table.within(100)]);
    clearInterval(counting);
    assert.equal(one, other);
    assert.equal(one?.size, 10_000);
    assert.ok(turns > 0, 'others run in between');
  });

  test('kept as long as the caller accepts', async (t) => {
    const { table, write, clock } = listening(t, { tcp: [line('0100007F:1435')] });
    await table.within(0);
    write('tcp', []);
    await clock.pass(900);
    assert.equal((await table.within(1_000))?.size, 1);
    assert.equal((await table.within(500))?.size, 0);
  });

  test('null where there is nothing to read', async () => {
    const clock = new FakeClock();
    const table = new LinuxListening(new LinuxProc('/nowhere', clock), () => clock.now());
    assert.equal(await table.within(0), null);
  });
});

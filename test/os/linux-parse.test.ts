import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalAddress, listenersAt } from '../../src/os/address.ts';
import { markersOf } from '../../src/os/linux/markers.ts';
import { addressOfHex, parseSocket } from '../../src/os/linux/net.ts';
import {
  parseBootTime,
  parseSleeps,
  parseStat,
  parseStatus,
  waitsForThread,
} from '../../src/os/linux/stat.ts';
import { singleLineCommand } from '../../src/text/single-line.ts';

const TAIL =
  '4242 4243 4243 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 11 0 98765 1000 2000 18446744073709551615';

describe('/proc/PID/stat', () => {
  for (const name of ['node', 'a b', 'x) S 1 (y', ')', '(', 'a\nb', '', '((()))) R 9 9']) {
    test(`is read behind the name ${JSON.stringify(name)}`, () => {
      assert.deepEqual(parseStat(`77 (${name}) T ${TAIL}`), {
        name,
        state: 'stopped',
        ppid: 4242,
        cpuMs: 2_000,
        session: 4243,
        startTicks: 98_765,
      });
    });
  }

  test('every letter of the state has its word', () => {
    const alone = TAIL.replace(' 11 0 98765', ' 1 0 98765');
    const words = 'RSIDTtZXW'
      .split('')
      .map((letter) => parseStat(`1 (a) ${letter} ${alone}`)?.state);
    assert.deepEqual(words, [
      'running',
      'sleeping',
      'sleeping',
      'disk',
      'stopped',
      'traced',
      'zombie',
      'zombie',
      'unknown',
    ]);
  });

  test('a zombie of which threads are left is not dead yet: they hold its port', () => {
    assert.equal(parseStat(`1 (a) Z ${TAIL}`)?.state, 'unknown');
  });

  test('cut short, it is nothing', () => {
    for (const text of ['', '77', '77 (node', '77 (node)', '77 (node) S 1 2 3'])
      assert.equal(parseStat(text), null, text);
  });
});

test('/proc/PID/status of a program, and of a kernel thread, which has no memory', () => {
  const text = 'Name:\tUid:\\n 9\nTracerPid:\t31\nUid:\t1000\t0\t0\t0\nVmRSS:\t    1760 kB\n';
  assert.deepEqual(parseStatus(text), { uid: 1_000, tracerPid: 31, rssBytes: 1_760 * 1_024 });
  assert.deepEqual(parseStatus('Name:\tkthreadd\nTracerPid:\t0\nUid:\t0\t0\t0\t0\n'), {
    uid: 0,
    tracerPid: 0,
    rssBytes: null,
  });
});

test('where the first thread waits, as kernels of many years call it', () => {
  for (const name of ['futex_wait_queue_me', 'futex_wait_queue', 'futex_do_wait\n']) {
    assert.equal(waitsForThread(name), true, name);
  }
  for (const name of ['do_epoll_wait', 'ep_poll', 'do_wait', 'pipe_read', 'do_signal_stop']) {
    assert.equal(waitsForThread(name), false, name);
  }
  for (const name of ['', '0', '0\n']) assert.equal(waitsForThread(name), null);
  assert.equal(
    parseSleeps('a:\t1\nvoluntary_ctxt_switches:\t17\nnonvoluntary_ctxt_switches:\t3\n'),
    17,
  );
  assert.equal(parseSleeps('nonvoluntary_ctxt_switches:\t3\n'), null);
});

test('the boot time', () => {
  assert.equal(parseBootTime('cpu  1 2\nintr 5 btime 3\nbtime 1763883060\n'), 1_763_883_060_000);
  assert.equal(parseBootTime('cpu 1'), null);
});

describe('/proc/net/tcp', () => {
  const line = (local: string, state: string): string =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 46209 1 0000000036710640 100 0 0 10 0`;

  for (const [hex, address] of [
    ['0100007F', '127.0.0.1'],
    ['00000000', '0.0.0.0'],
    ['0702A8C0', '192.168.2.7'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000100007F', '127.0.0.1'],
    ['0000000000000000FFFF000000000000', '0.0.0.0'],
    ['B80D0120000000000000000034120000', '2001:db8::1234'],
  ] as const) {
    test(`${hex} is ${address}`, () => {
      assert.equal(addressOfHex(hex, true), address);
    });
  }

  test('on a big-endian machine the bytes are in order', () => {
    assert.equal(addressOfHex('7F000001', false), '127.0.0.1');
  });

  test('a listener, and nothing but', () => {
    assert.deepEqual(parseSocket(line('0100007F:1435', '0A')), {
      address: '127.0.0.1',
      port: 5_173,
      inode: '46209',
    });
    assert.equal(parseSocket(line('0100007F:1435', '01')), null);
    assert.equal(parseSocket(line('0100007F:1435', '01'), '01')?.port, 5_173);
    assert.equal(parseSocket(line('0100007F:1435', '06'), '01'), null);
    assert.equal(parseSocket(line('0100007:1435', '0A')), null);
    assert.equal(parseSocket('  sl  local_address rem_address   st tx_queue'), null);
  });
});

describe('PM2 markers', () => {
  const environ = (...entries: string[]): Buffer => Buffer.from(entries.join('\0') + '\0');

  test('nothing else is kept, and the bytes are wiped', () => {
    const bytes = environ(
      'SECRET=s3cret',
      'name=my app',
      'PM2_HOME=/h/.pm2',
      'pm_id=3',
      'xname=no',
    );
    assert.deepEqual(markersOf(bytes), {
      pm2Home: '/h/.pm2',
      name: 'my app',
      pmId: '3',
      cwd: null,
      uniqueId: null,
    });
    assert.ok(bytes.every((byte) => byte === 0));
  });

  test('values may hold = and newlines, and the last may miss its end', () => {
    const markers = markersOf(Buffer.from('name=a=b\nname=c\0pm_cwd=/x y\0unique_id=u'));
    assert.equal(markers.name, 'a=b\nname=c');
    assert.equal(markers.cwd, '/x y');
    assert.equal(markers.uniqueId, 'u');
  });

  test('twice with two values proves nothing', () => {
    assert.equal(markersOf(environ('name=a', 'name=b')).name, null);
    assert.equal(markersOf(environ('name=a', 'name=a')).name, 'a');
  });
});

test('a command is one line that a terminal survives', () => {
  assert.equal(
    singleLineCommand('node\0vite\0--port\x1b[2J\r\n5173\0'),
    'node vite --port [2J 5173',
  );
  assert.equal(singleLineCommand('a\u202Eb\u2028c'), 'a b c');
  assert.equal(singleLineCommand('x'.repeat(10_000)).length, 200);
  assert.doesNotMatch(
    singleLineCommand('x' + '😀'.repeat(500)),
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])/,
  );
});

test('addresses have one spelling', () => {
  for (const [text, expected] of [
    ['0:0:0:0:0:0:0:1', '::1'],
    ['[::1]', '::1'],
    ['fe80::1%lo0', 'fe80::1'],
    ['::FFFF:127.0.0.1', '127.0.0.1'],
    ['localhost', null],
    ['', null],
    ['256.1.1.1', null],
  ] as const) {
    assert.equal(canonicalAddress(text), expected, text);
  }
});

test('an exact address goes before a wildcard', () => {
  const at = (address: string) => ({ address, port: 1, pids: null });
  const all = ['::', '0.0.0.0', '127.0.0.1', '::1'].map(at);
  const reached = (target: string, among = all): string[] =>
    listenersAt(among, target).map(({ address }) => address);
  assert.deepEqual(reached('127.0.0.1'), ['127.0.0.1']);
  assert.deepEqual(reached('192.0.2.1'), ['0.0.0.0']);
  assert.deepEqual(reached('::1'), ['::1']);
  assert.deepEqual(reached('::2'), ['::']);
  assert.deepEqual(reached('127.0.0.1', [at('::')]), ['::']);
  assert.deepEqual(reached('::1', [at('0.0.0.0')]), []);
});

test('garbage is never more than nothing', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'0AF:() \n\t%[].*1'.split('')) }),
  );
  fc.assert(
    fc.property(text, fc.uint8Array(), (garbage, bytes) => {
      parseStat(garbage);
      parseStat(`1 (${garbage}) S ${garbage}`);
      parseStatus(garbage);
      parseBootTime(garbage);
      parseSocket(garbage);
      addressOfHex(garbage);
      canonicalAddress(garbage);
      markersOf(Buffer.from(bytes));
      assert.ok(singleLineCommand(garbage).length <= 200);
      assert.doesNotMatch(singleLineCommand(garbage), /[\p{Cc}\p{Cf}]/u);
    }),
  );
});

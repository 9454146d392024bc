import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatProblems } from '../../src/config/problem.ts';
import { readBlock } from '../../src/config/target-config.ts';

const url = 'http://localhost/';

/** One setting each, which takes the value of a variable. */
const PLACES: readonly ((text: string) => unknown)[] = [
  (text) => text,
  (text) => ({ tcp: text }),
  (text) => ({ tcp: `localhost:${text}` }),
  (text) => ({ tcp: { host: text, port: text } }),
  (text) => ({ http: text }),
  (text) => ({ http: `http://localhost:${text}/` }),
  (text) => ({ http: { url: `http://localhost/${text}`, method: text, status: text } }),
  (text) => ({ http: { url, status: [200, text], headers: text, body: text } }),
  (text) => ({ http: { url, headers: { a: text }, body: { regex: text, flags: text } } }),
  (text) => ({ http: { url: 'https://localhost/', ca: text, servername: text } }),
  (text) => ({ http: { url, rejectUnauthorized: text }, period: text }),
  (text) => ({ vite: text }),
  (text) => ({ vite: { url: `http://localhost/?${text}`, deepPeriod: text, hmr: text } }),
  (text) => ({ websocket: text }),
  (text) => ({ websocket: { url: 'ws://localhost/', protocol: text, send: text, expect: text } }),
  (text) => ({ exec: text }),
  (text) => ({ exec: `check '${text}' | ${text}` }),
  (text) => ({ exec: { command: ['a', text], cwd: text, env: { A: text } } }),
  (text) => ({ exec: { command: text, env: text } }),
  (text) => ({ heartbeat: text }),
  (text) => ({ tcp: 'a:1', period: text, fastPeriod: text, timeout: text, busyGrace: text }),
  (text) => ({ tcp: 'a:1', failureThreshold: text, action: text, portOwner: text }),
  (text) => ({ tcp: 'a:1', restarts: text, reapOrphans: text, maxTreeMemory: text }),
  (text) => ({ tcp: 'a:1', restarts: { limit: text, within: text, cooldown: text } }),
];

/** What others hide in values: words, and shapes that a message might take apart. */
const values = fc
  .tuple(
    fc.constantFrom(
      '',
      'http://',
      'ws://u:',
      'https://h/?t=',
      '/',
      '127.0.0.1:',
      '#',
      '5',
      '[',
      '{',
    ),
    fc.constantFrom('', '@h/', ':70000', '/(', '/x', ' ', "'", '\n', 's', '\0', ' | b'),
  )
  .map(([before, after]) => `${before}48151623421${after}`);

describe('what a block is refused for', () => {
  it('shows no value of a variable, of any form at any place', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLACES), values, (place, value) => {
        for (const text of ['${SECRET}', 'x${SECRET}', '${SECRET}x', '${SECRET}${SECRET}']) {
          const read = readBlock(place(text), { SECRET: value });
          if (read.ok) continue;
          const told = formatProblems('web', read.problems);
          assert.ok(!/4815|1623421/.test(told), told);
        }
      }),
      { numRuns: 250 },
    );
  });

  it('is reported with the name of the variable, and with what to write', () => {
    const told = (block: unknown, env: object): string[] => {
      const read = readBlock(block, { ...env });
      return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
    };
    assert.deepEqual(told({ tcp: 'localhost:${PORT}', period: '${P}' }, { PORT: 'a', P: '7' }), [
      "env_liveness.tcp: got 'localhost:${PORT}'; write a port from 1 to 65535",
      "env_liveness.period: got '${P}'; write a number with a unit (ms, s, m, h or d), like '5s'",
    ]);
    assert.deepEqual(told({ http: '${WHERE}' }, { WHERE: 'http://me:pw@localhost/' }), [
      "env_liveness.http: got a URL with a user name or password; write headers: { authorization: 'Basic …' }",
    ]);
    assert.deepEqual(told({ http: { url, status: ['${S}'] } }, { S: '999' }), [
      'env_liveness.http.status: got a value from variables; ' +
        "write a status from 100 to 599, or a range like '200-299'",
    ]);
    assert.deepEqual(told({ tcp: 'a:1', restarts: '${R}' }, { R: 'x' }), [
      "env_liveness.restarts: got '${R}'; write an object, like { limit: 5, within: '10m' }",
    ]);
  });

  it('shows no word of a command, which may be a password', () => {
    for (const exec of [
      "mysqladmin --password 'hunter two' ping",
      'mysqladmin --password="hunter" ping; true',
      'psql postgres://me:hunter@db/ > /dev/null',
      'PGPASSWORD=hunter psql',
      ['PGPASSWORD=hunter', 'psql'],
    ]) {
      const read = readBlock({ exec }, {});
      assert.ok(!read.ok, String(exec));
      assert.ok(!formatProblems('web', read.problems).includes('hunter'), String(exec));
    }
  });

  it('shows no login of an address without a scheme', () => {
    const read = readBlock({ tcp: 'me:hunter@db:5432' }, {});
    assert.ok(!read.ok && !formatProblems('web', read.problems).includes('hunter'));
  });
});

describe('a variable in a command', () => {
  const probeOf = (exec: unknown, env: object): unknown => {
    const read = readBlock({ exec }, { ...env });
    if (!read.ok) assert.fail(formatProblems('web', read.problems));
    return read.config.probe;
  };

  it('is never more than one word, with any value', () => {
    const value = `a b 'c' "d" | e; $(f) \`g\` \\ h > i`;
    for (const exec of ['check --pass ${X} x${X}', { command: 'check --pass ${X} x${X}' }]) {
      assert.deepEqual(probeOf(exec, { X: value }), {
        type: 'exec',
        file: 'check',
        args: ['--pass', value, `x${value}`],
        env: {},
      });
    }
  });

  it('may be empty, and may be the program', () => {
    const { file, args } = probeOf('${A} ${B} c', { A: 'my prog', B: '' }) as {
      file: string;
      args: string[];
    };
    assert.deepEqual([file, args], ['my prog', ['', 'c']]);
  });

  it('that is not set is reported for the whole command', () => {
    const read = readBlock({ exec: 'check ${NO} ${NEITHER}' }, {});
    assert.ok(!read.ok);
    assert.deepEqual(
      read.problems.map(({ path }) => path),
      ['env_liveness.exec', 'env_liveness.exec'],
    );
  });
});

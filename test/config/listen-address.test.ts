import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isLoopback,
  listenUrl,
  parseListenAddress,
  tokenProblem,
} from '../../src/config/listen-address.ts';
import { loadMonitorConfig } from '../../src/config/load.ts';

const TOKEN = 'C4N4RY-0123456789abcdef';

describe('the address of the listener', () => {
  it('is a port of this machine, or a host and a port', () => {
    const cases: [unknown, string, number][] = [
      ['9616', '127.0.0.1', 9616],
      [9616, '127.0.0.1', 9616],
      ['localhost:1', '127.0.0.1', 1],
      ['[::1]:9616', '::1', 9616],
      ['0.0.0.0:9616', '0.0.0.0', 9616],
      ['[::]:9616', '::', 9616],
      ['status.example.com:80', 'status.example.com', 80],
    ];
    for (const [input, host, port] of cases) {
      assert.deepEqual(parseListenAddress(input), { host, port });
    }
    assert.equal(listenUrl({ host: '::1', port: 9616 }), 'http://[::1]:9616');
  });

  it('says what to write instead of anything else', () => {
    for (const input of ['0', '65536', '', 'yes', 'localhost', '::1', ':9616', 'a b:80', true]) {
      assert.throws(() => parseListenAddress(input), {
        code: 'ERR_CONFIG',
        message: /^got .*write/,
      });
    }
    for (const input of ['http://localhost:9616', '127.0.0.1:http', '1.2.3.4.5:80']) {
      assert.throws(() => parseListenAddress(input), { code: 'ERR_CONFIG' });
    }
  });

  it('is loopback only where no other machine can reach it', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1']) {
      assert.ok(isLoopback(host), host);
    }
    const far = [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '128.0.0.1',
      '127.evil.example',
      'box',
      '2001:db8::1',
    ];
    for (const host of far) assert.ok(!isLoopback(host), host);
  });
});

describe('the settings of the listener', () => {
  const load = (env: Record<string, string>): ReturnType<typeof loadMonitorConfig> =>
    loadMonitorConfig(env);

  it('are off where nothing is set, and need no token on loopback', () => {
    assert.deepEqual(load({}).listener, { address: null, token: null });
    const { listener, problems } = load({ LIVENESS_HTTP: '9616' });
    assert.deepEqual(listener, { address: { host: '127.0.0.1', port: 9616 }, token: null });
    assert.deepEqual(problems, []);
  });

  it('refuse an address of other machines without a token, in one clear sentence', () => {
    const { listener, problems } = load({ LIVENESS_HTTP: '0.0.0.0:9616' });
    assert.deepEqual(listener, { address: null, token: null });
    assert.deepEqual(problems, [
      {
        path: 'LIVENESS_HTTP',
        message:
          'got an address that other machines reach, without a token; set LIVENESS_HTTP_TOKEN (at least 16 characters, as `openssl rand -hex 16` makes), or write the port alone',
      },
    ]);
    const named = load({
      'pm2-liveness': JSON.stringify({ liveness_http: '0.0.0.0:9616' }),
      LIVENESS_HTTP_TOKEN: TOKEN,
    });
    assert.deepEqual(named.problems, []);
    assert.equal(named.listener.address?.host, '0.0.0.0');
    assert.equal(named.listener.token?.reveal(), TOKEN);
  });

  it('listen nowhere with a token that is no good, and never show it', () => {
    for (const token of ['C4N4RY', 'C4N4RY and some spaces', 'C4N4RY'.repeat(100)]) {
      const config = load({ LIVENESS_HTTP: '9616', LIVENESS_HTTP_TOKEN: token });
      assert.equal(config.listener.address, null);
      assert.equal(config.problems.length, 1);
      assert.equal(config.problems[0]?.path, 'LIVENESS_HTTP_TOKEN');
      assert.match(config.problems[0]?.message ?? '', /^got .*nothing listens without it$/);
      assert.doesNotMatch(JSON.stringify(config), /C4N4RY/);
    }
    assert.doesNotMatch(JSON.stringify(load({ LIVENESS_HTTP_TOKEN: TOKEN })), /C4N4RY/);
    assert.equal(tokenProblem('0123456789abcdef'), null);
  });

  it('say what is wrong with an address, and keep the last good one of pm2 set', () => {
    const { listener, problems } = load({ LIVENESS_HTTP: 'banana' });
    assert.equal(listener.address, null);
    assert.match(problems[0]?.message ?? '', /^got 'banana'; write a port like '9616'/);
    const bad = { 'pm2-liveness': JSON.stringify({ liveness_http: 'banana' }) };
    assert.equal(loadMonitorConfig(bad, { http: '9616' }).listener.address?.port, 9616);
  });
});

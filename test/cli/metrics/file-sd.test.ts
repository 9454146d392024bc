import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileSd } from '../../../src/cli/metrics/file-sd.ts';

const at = (url: string, reachedBy?: string): string | undefined =>
  fileSd({ url, isGuarded: false, problem: null }, 'server1', reachedBy)[0]?.targets[0];

describe('a target for file_sd_configs', () => {
  test('is the address in use, with the machine as a label', () => {
    const listener = { url: 'http://127.0.0.1:9616', isGuarded: false, problem: null };
    assert.deepEqual(fileSd(listener, 'server1', undefined), [
      { targets: ['127.0.0.1:9616'], labels: { host: 'server1' } },
    ]);
  });

  test('is the name of the machine where every address is listened on', () => {
    assert.equal(at('http://0.0.0.0:9616'), 'server1:9616');
    assert.equal(at('http://[::]:9616'), 'server1:9616');
    assert.equal(at('http://[::1]:9616'), '[::1]:9616');
  });

  test('is what the user says, with the port in use where none is said', () => {
    assert.equal(at('http://127.0.0.1:9616', 'web-1.lan'), 'web-1.lan:9616');
    assert.equal(at('http://127.0.0.1:9616', 'web-1.lan:80'), 'web-1.lan:80');
    assert.equal(at('http://127.0.0.1:9616', '::1'), '[::1]:9616');
    assert.equal(at('http://127.0.0.1:9616', '[::1]:81'), '[::1]:81');
    assert.equal(at('http://0.0.0.0:80'), 'server1:80');
  });

  test('has the labels that are given, of which one may name the machine', () => {
    const listener = { url: 'http://127.0.0.1:9616', isGuarded: false, problem: null };
    const labels = ['cluster=shop', 'host=web-1', 'rack=a=b'];
    assert.deepEqual(fileSd(listener, 'server1', undefined, labels)[0]?.labels, {
      host: 'web-1',
      cluster: 'shop',
      rack: 'a=b',
    });
    for (const bad of ['cluster', 'a-b=c', '=x', 'x=', '__name__=y', '1=2']) {
      assert.throws(() => fileSd(listener, 'server1', undefined, [bad]), { code: 'ERR_CONFIG' });
    }
  });

  test('is not what cannot be a host', () => {
    for (const bad of ['a b', 'http://x', 'x:99999', '', 'x:y']) {
      assert.throws(() => at('http://127.0.0.1:9616', bad), { code: 'ERR_CONFIG' }, bad);
    }
  });
});

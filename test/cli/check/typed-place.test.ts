import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { addressCheck, isAddress } from '../../../src/cli/check/targets.ts';
import { socketIn } from '../../../src/cli/check/typed-place.ts';
import { readBlock } from '../../../src/config/target-config.ts';

describe('a socket that a person types', () => {
  for (const [typed, path] of [
    ['/run/api.sock', '/run/api.sock'],
    ['unix:/run/api.sock', '/run/api.sock'],
    ['unix:///run/api.sock', '/run/api.sock'],
    ['./api.sock', resolve('api.sock')],
    ['../api.sock', resolve('../api.sock')],
    [String.raw`\\.\pipe\api`, String.raw`\\.\pipe\api`],
    [String.raw`\\?\pipe\api\two`, String.raw`\\?\pipe\api\two`],
    [String.raw`unix:\\.\PIPE\api`, String.raw`\\.\PIPE\api`],
    ['//./pipe/api', '//./pipe/api'],
  ] as const) {
    test(typed, () => {
      assert.equal(socketIn(typed), path);
      assert.ok(isAddress(typed));
      const { probe } = addressCheck(typed, false).config;
      assert.equal(probe.type === 'tcp' && probe.socket, path);
    });
  }

  for (const typed of ['web', '127.0.0.1:80', 'http://a/b', 'tcp://a:1', 'pipe']) {
    test(`is not ${typed}`, () => assert.equal(socketIn(typed), undefined));
  }
});

describe('a Windows pipe in a block', () => {
  for (const pipe of [String.raw`\\.\pipe\api`, String.raw`\\?\pipe\api`, '//./pipe/api']) {
    test(pipe, () => {
      const asked = [
        readBlock({ tcp: pipe }, {}),
        readBlock({ http: { socket: pipe, url: 'http://localhost/health' } }, {}),
        readBlock({ websocket: { socket: pipe, url: 'ws://localhost/' } }, {}),
      ];
      for (const read of asked) {
        assert.ok(read.ok, JSON.stringify(read));
        assert.equal('socket' in read.config.probe && read.config.probe.socket, pipe);
      }
    });
  }
});

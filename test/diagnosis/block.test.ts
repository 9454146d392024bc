import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import { BlockJudge } from '../../src/diagnosis/block/block-judge.ts';
import type { Sample } from '../../src/probe/probe.ts';

const STARTED_MS = 1_000;
const UP_MS = 300_000;

function configOf(block: Readonly<Record<string, unknown>>): TargetConfig {
  const result = readBlock(block, { TOKEN: 't0ken-value' });
  assert.ok(result.ok, JSON.stringify(result));
  return result.config;
}

function answered(status: number): Sample {
  const detail = `answered ${status}, wanted 200-399`;
  return { kind: 'fail', class: 'status', status, detail, at: 0, durationMs: 1 };
}

const OK: Sample = { kind: 'ok', detail: 'answered 200', at: 0, durationMs: 1 };
const REFUSED: Sample = {
  kind: 'fail',
  class: 'refused',
  detail: 'nothing listens',
  at: 0,
  durationMs: 1,
};
const web = configOf({ http: 'http://127.0.0.1:3000/' });

function classOf(sample: Sample): string {
  return sample.kind === 'fail' ? sample.class : sample.kind;
}

describe('a block that asks for the wrong thing', () => {
  for (const status of [401, 403, 404, 405, 426]) {
    it(`is blamed for ${status} by an app that never answered well, with what to write`, () => {
      const sample = new BlockJudge(null, web).judge(answered(status), web, UP_MS);
      assert.equal(classOf(sample), 'misconfig');
      assert.match(sample.detail, new RegExp(`answered ${status}, wanted 200-399; it has never`));
      assert.match(
        sample.detail,
        /http: \{ url: 'http:\/\/127\.0\.0\.1:3000\/', status: '100-599' \}/,
      );
    });
  }

  it('is not blamed for other answers, nor for none', () => {
    const judge = new BlockJudge(null, web);
    for (const status of [400, 408, 429, 500, 503]) {
      assert.equal(classOf(judge.judge(answered(status), web, UP_MS)), 'status');
    }
    assert.equal(judge.judge(REFUSED, web, UP_MS), REFUSED);
  });

  it('is not blamed by an app that once answered well under it, also before a restart', () => {
    const judge = new BlockJudge(null, web);
    judge.judge(OK, web, UP_MS);
    assert.equal(classOf(judge.judge(answered(404), web, STARTED_MS)), 'status');
    const next = new BlockJudge({ provenBlock: judge.provenBlock, answered: null }, web);
    assert.equal(classOf(next.judge(answered(404), web, UP_MS)), 'status');
  });

  it('has to prove itself again when its probe changes, and not when its other settings do', () => {
    const judge = new BlockJudge(null, web);
    judge.judge(OK, web, UP_MS);
    const slower = configOf({ http: 'http://127.0.0.1:3000/', period: '20s' });
    assert.equal(classOf(judge.judge(answered(404), slower, UP_MS)), 'status');
    const other = configOf({ http: 'http://127.0.0.1:3000/health' });
    assert.equal(classOf(judge.judge(answered(404), other, UP_MS)), 'misconfig');
    assert.equal(classOf(judge.judge(OK, other, UP_MS)), 'ok');
    assert.equal(classOf(judge.judge(answered(404), other, UP_MS)), 'status');
  });

  it('differs from one with another expression', () => {
    const one = configOf({ http: { url: 'http://127.0.0.1:3000/', body: '/up/' } });
    const two = configOf({ http: { url: 'http://127.0.0.1:3000/', body: '/down/' } });
    const judge = new BlockJudge(null, one);
    judge.judge(OK, one, UP_MS);
    assert.equal(classOf(judge.judge(answered(404), two, UP_MS)), 'misconfig');
  });

  it('of an earlier version of the file is right where the app had answered', () => {
    const judge = new BlockJudge({ answered: '0:100:1' }, web);
    assert.equal(classOf(judge.judge(answered(404), web, UP_MS)), 'status');
  });

  it('is blamed during a start only after as many such answers in a row as prove a failure', () => {
    const judge = new BlockJudge(null, web);
    const seen = [404, 404].map((status) => judge.judge(answered(status), web, STARTED_MS));
    assert.deepEqual(seen.map(classOf), ['status', 'status']);
    judge.judge(REFUSED, web, STARTED_MS);
    const again = [404, 404, 404].map((status) => judge.judge(answered(status), web, STARTED_MS));
    assert.deepEqual(again.map(classOf), ['status', 'status', 'misconfig']);
  });

  it('is given advice without a value of a variable', () => {
    const config = configOf({ http: 'http://127.0.0.1:3000/in?key=${TOKEN}' });
    const { detail } = new BlockJudge(null, config).judge(answered(401), config, UP_MS);
    assert.match(detail, /key=\$\{TOKEN\}/);
    assert.doesNotMatch(detail, /t0ken/);
    const { provenBlock } = new BlockJudge({ answered: 'x' }, config);
    assert.match(provenBlock ?? '', /^[0-9a-f]{16}$/);
  });

  it('is given advice that fits its probe', () => {
    const socket = configOf({ websocket: 'ws://127.0.0.1:3000/ws' });
    const vite = configOf({ vite: 'http://127.0.0.1:5173/' });
    const advice = (config: TargetConfig, status: number): string =>
      new BlockJudge(null, config).judge(answered(status), config, UP_MS).detail;
    assert.match(advice(socket, 404), /path of its WebSocket.*http:\/\/127\.0\.0\.1:3000\/ws/);
    assert.match(advice(vite, 404), /if this is no Vite dev server, write http: /);
    assert.match(advice(web, 426), /websocket: 'ws:\/\/127\.0\.0\.1:3000\/'/);
    assert.match(advice(web, 401), /login/);
  });
});

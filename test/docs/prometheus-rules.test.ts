import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

const docs = new URL('../../docs/', import.meta.url);
const promtool = (...words: readonly string[]) =>
  spawnSync('promtool', words, {
    cwd: new URL('prometheus/', docs).pathname,
    encoding: 'utf8',
    timeout: 60_000,
  });
const skip = promtool('--version').error !== undefined && 'promtool is not installed';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { uid: string } }[];
}

for (const [rules, count] of [
  ['rules', 9],
  ['fleet-rules', 3],
] as const) {
  describe(`${rules}.yml for Prometheus`, () => {
    test('is valid, and each alert fires and ends as its test says', { skip }, () => {
      const checked = promtool('check', 'rules', `${rules}.yml`);
      assert.equal(checked.status, 0, checked.stderr);
      const tested = promtool('test', 'rules', `${rules}.test.yml`);
      assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    });

    test('has a test of each alert', () => {
      const read = (name: string): string =>
        readFileSync(new URL(`prometheus/${name}`, docs), 'utf8');
      const names = [...read(`${rules}.yml`).matchAll(/alert: (\w+)/g)].map(([, name]) => name);
      const tested = new Set(
        [...read(`${rules}.test.yml`).matchAll(/alertname: (\w+)/g)].map(([, name]) => name),
      );
      assert.ok(names.length >= count);
      assert.deepEqual(
        names.filter((name) => !tested.has(name)),
        [],
      );
    });
  });
}

test('the example for Alertmanager is valid', { skip }, () => {
  const file = new URL('prometheus/alertmanager.yml', docs).pathname;
  const checked = spawnSync('amtool', ['check-config', file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (checked.error === undefined) assert.equal(checked.status, 0, checked.stderr);
});

describe('the dashboard for Grafana', () => {
  const board = JSON.parse(readFileSync(new URL('grafana/pm2-liveness.json', docs), 'utf8')) as {
    readonly panels: readonly Panel[];
  };

  test('asks the chosen Prometheus alone', () => {
    for (const { title, targets = [] } of board.panels) {
      for (const { datasource } of targets) assert.equal(datasource.uid, '${datasource}', title);
    }
  });

  test('has panels with numbers of their own that do not cover each other', () => {
    const ids = board.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [index, { title, gridPos: one }] of board.panels.entries()) {
      assert.ok(one.x + one.w <= 24, title);
      for (const { title: other, gridPos: two } of board.panels.slice(index + 1)) {
        const isApart =
          one.x + one.w <= two.x ||
          two.x + two.w <= one.x ||
          one.y + one.h <= two.y ||
          two.y + two.h <= one.y;
        assert.ok(isApart, `${title} and ${other}`);
      }
    }
  });
});

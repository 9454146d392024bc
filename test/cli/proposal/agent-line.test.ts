import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { agentLine } from '../../../src/cli/proposal/agent-line.ts';

const BY_NAME = "node_args: '--import pm2-liveness/agent',";

describe('the line that gives an app the agent', { skip: process.platform === 'win32' }, () => {
  let dir = '';

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'pl-'));
    const folder = join(dir, 'node_modules/pm2-liveness');
    mkdirSync(folder, { recursive: true });
    const exports = { './agent': './agent.js' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ exports }));
    writeFileSync(join(folder, 'agent.js'), '');
    mkdirSync(join(dir, 'api'));
  });

  after(() => rmSync(dir, { recursive: true }));

  test('is proposed for a Node app that finds the package', () => {
    assert.equal(agentLine({ script: 'server.mjs' }, dir), BY_NAME);
    assert.equal(agentLine({ script: './main.ts', cwd: 'api', interpreter: 'node' }, dir), BY_NAME);
    assert.equal(agentLine({ script: 'a.js', interpreter: '/usr/bin/node' }, dir), BY_NAME);
  });

  test("is one with the package's place in cluster mode", () => {
    for (const more of [
      { exec_mode: 'cluster' },
      { exec_mode: 'cluster_mode' },
      { instances: 'max' },
    ])
      assert.match(agentLine({ script: 'a.js', ...more }, dir) ?? '', /require\.resolve\(/);
    assert.equal(agentLine({ script: 'a.js', exec_mode: 'fork', instances: 2 }, dir), BY_NAME);
  });

  test('is not proposed where it is there already', () => {
    for (const more of [
      { node_args: '--import pm2-liveness/agent' },
      { node_args: ['--import', 'file:///x/pm2-liveness/agent'] },
      { env: { NODE_OPTIONS: '--import pm2-liveness/agent' } },
    ])
      assert.equal(agentLine({ script: 'server.mjs', ...more }, dir), null);
  });

  test('is not proposed for a dev server, another program, or a wrapper', () => {
    for (const app of [
      { script: 'node_modules/vite/bin/vite.js' },
      { script: 'dev.js', env_liveness: { vite: 'http://localhost:5173/' } },
      { script: 'npm', args: 'start' },
      { script: '/usr/lib/npm-cli.js' },
      { script: 'server.py', interpreter: 'python3' },
      { script: 'server.ts', interpreter: 'bun' },
      { script: 'a.js', interpreter: 'none' },
      {},
    ])
      assert.equal(agentLine(app, dir), null, JSON.stringify(app));
  });

  test('is not proposed where the app would not find the package', () => {
    assert.equal(agentLine({ script: 'server.mjs', cwd: '/' }, dir), null);
    assert.equal(agentLine({ script: 'server.mjs', cwd: '/no/such/folder' }, dir), null);
  });
});

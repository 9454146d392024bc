import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { answerOf, askForBlockOn } from '../../../src/cli/init/ask-block.ts';
import { codeOf } from '../../../src/errors.ts';
import { runInit } from '../../../src/cli/init/init.ts';
import { NOTHING_RUNS } from '../../../src/cli/init/running-apps.ts';
import { freePort, isAlive } from '../../support/pm2-sandbox.ts';
import { until } from '../../support/until.ts';
import { FakeIo } from '../io.ts';
import { projectOf, type Files } from './projects.ts';

const MONITOR = {
  'node_modules/pm2-liveness/package.json': '{}',
  'node_modules/pm2-liveness/dist/main.js': '',
};
/** The file says nothing of its port. */
const FILE = "module.exports = { apps: [{ name: 'api', script: 'api.cjs', args: '${at}' }] };\n";
const SERVER = `
const { writeFileSync } = require('node:fs');
const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
writeFileSync('pids', process.pid + ' ' + child.pid);
const listen = 'listen';
setTimeout(() => require('node:http').createServer((_, answer) => answer.end('x'))[listen](Number(process.argv[2].slice(1))), 700);
`;

/** What `init` did on a terminal with these answers to its questions about ports. */
async function typed(
  dir: string,
  answers: readonly (string | null)[],
): Promise<{ io: FakeIo; asked: string[]; text: string }> {
  const io = new FakeIo();
  const asked: string[] = [];
  const ask = async (question: string): Promise<string | null> => {
    asked.push(question);
    return answers[asked.length - 1] ?? null;
  };
  const given = { words: [], has: () => false, valueOf: () => undefined, valuesOf: () => [] };
  await runInit(dir, given, io, async () => true, NOTHING_RUNS, askForBlockOn(io, ask));
  const text = await readFile(join(dir, 'ecosystem.config.cjs'), 'utf8');
  return { io, asked, text };
}

function filesWith(at: string, server = SERVER): Files {
  return { ...MONITOR, 'ecosystem.config.cjs': FILE.replace('${at}', at), 'api.cjs': server };
}

describe('init asks where an app listens whose port nothing shows', () => {
  for (const [answer, block] of [
    ['4000', "{ http: { url: 'http://localhost:4000/', status: '100-599' } }"],
    ['http://localhost:4000/health', "{ http: 'http://localhost:4000/health' }"],
    ['tcp://127.0.0.1:4000', "{ tcp: '127.0.0.1:4000' }"],
    [
      '/run/api.sock',
      "{ http: { socket: '/run/api.sock', url: 'http://localhost/', status: '100-599' } }",
    ],
    ['{"heartbeat":"30s"}', "{ heartbeat: '30s' }"],
  ] as const) {
    test(`and writes ${answer}`, async (t) => {
      const { dir, remove } = await projectOf(filesWith(':x'));
      t.after(remove);
      const { asked, text, io } = await typed(dir, [answer]);
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? '', /^api: nothing shows where it will listen\./);
      assert.ok(text.includes(`env_liveness: ${block}`), text);
      assert.match(io.errLines.join('\n'), /as you typed it, and was not tried/);
    });
  }

  test('and asks again after a word that means nothing', async (t) => {
    const { dir, remove } = await projectOf(filesWith(':x'));
    t.after(remove);
    const { asked, text, io } = await typed(dir, ['what?', '99999', '4000']);
    assert.equal(asked.length, 3);
    assert.match(io.errLines.join('\n'), /got 'what\?'; write a URL, host:port, a port/);
    assert.match(text, /localhost:4000/);
  });

  for (const answer of ['', null]) {
    test(`and writes no block after ${answer === null ? 'no terminal' : 'Enter'}`, async (t) => {
      const { dir, remove } = await projectOf(filesWith(':x'));
      t.after(remove);
      const { asked, text, io } = await typed(dir, [answer]);
      assert.equal(asked.length, 1);
      assert.ok(!text.includes('env_liveness'), text);
      assert.match(io.errLines.join('\n'), /api: its port is not known, so it gets no block/);
    });
  }

  test('and starts it once on the word of a person, looks, and stops all of it', async (t) => {
    const port = await freePort();
    const { dir, remove } = await projectOf(filesWith(`:${port}`));
    t.after(remove);
    const { io, text } = await typed(dir, ['s']);
    assert.ok(text.includes(`http: { url: 'http://localhost:${port}/', status: '100-599' }`), text);
    assert.match(io.outLines.join('\n'), /Starting api without PM2: .*api\.cjs/);
    assert.match(io.errLines.join('\n'), /api listens on port \d+ and answered HTTP with 200/);
    const pids = (await readFile(join(dir, 'pids'), 'utf8')).split(' ').map(Number);
    assert.equal(pids.length, 2);
    // A child of a process that is gone is removed by pid 1, in its own time.
    await until('both are gone', () => pids.every((pid) => !isAlive(pid)));
  });

  test('and says why an app that ends by itself shows nothing', async (t) => {
    const code = "console.error('no database'); process.exit(3);";
    const { dir, remove } = await projectOf(filesWith(':x', code));
    t.after(remove);
    const { io, asked } = await typed(dir, ['s', '']);
    assert.equal(asked.length, 2);
    assert.match(
      io.errLines.join('\n'),
      /api: it ended with exit code 3; its last line: no database/,
    );
  });
});

describe('init --port', () => {
  const run = async (dir: string, port: string): Promise<{ io: FakeIo; isUsed: boolean }> => {
    const io = new FakeIo();
    const answer = answerOf(port);
    const given = { words: [], has: () => false, valueOf: () => undefined, valuesOf: () => [] };
    await runInit(dir, given, io, async () => true, NOTHING_RUNS, answer);
    return { io, isUsed: answer.isUsed() };
  };

  test('is the port of the one app for which nothing shows it', async (t) => {
    const { dir, remove } = await projectOf(filesWith(':x'));
    t.after(remove);
    assert.equal((await run(dir, '4000')).isUsed, true);
    const text = await readFile(join(dir, 'ecosystem.config.cjs'), 'utf8');
    assert.ok(text.includes("http: { url: 'http://localhost:4000/', status: '100-599' }"), text);
  });

  test('is not used where the file says the port', async (t) => {
    const code = "require('node:http').createServer().listen(4123);";
    const { dir, remove } = await projectOf(filesWith('', code));
    t.after(remove);
    assert.equal((await run(dir, '4000')).isUsed, false);
    const text = await readFile(join(dir, 'ecosystem.config.cjs'), 'utf8');
    assert.ok(text.includes('http://localhost:4123/') && !text.includes('4000'), text);
  });

  test('is refused for two such apps, and for a word that means nothing', async (t) => {
    const two = "{ name: 'api', script: 'api.cjs' }, { name: 'web', script: 'api.cjs' }";
    const { dir, remove } = await projectOf({
      ...filesWith(':x'),
      'ecosystem.config.cjs': `module.exports = { apps: [${two}] };\n`,
    });
    t.after(remove);
    const usageOf = (reason: RegExp) => (error: Error) => {
      assert.equal(codeOf(error), 'ERR_USAGE');
      assert.match(error.message, reason);
      return true;
    };
    await assert.rejects(run(dir, '4000'), usageOf(/nothing shows the ports of api and web/));
    await assert.rejects(run(dir, 'what?'), usageOf(/--port: got 'what\?'; write a URL/));
  });
});

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { runWatch } from '../../../src/cli/watch/run-watch.ts';
import { codeOf } from '../../../src/errors.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import type { StatusDocument } from '../../../src/report/status.ts';
import { FakeIo } from '../io.ts';
import { ownApp, pm2HomeFor, webPort } from './pm2-at.ts';

/** What a monitor that leads says of these apps. */
function statusOf(names: readonly string[]): StatusDocument {
  const targets = names.map((name) => ({ name, state: 'healthy', summary: 'all is well' }));
  // Only what `watch` reads of it.
  return { monitor: { state: 'active' }, targets, misconfigured: [] } as unknown as StatusDocument;
}

/** How `watch` is called. */
interface Call {
  readonly words?: readonly string[];
  readonly options?: readonly string[];
  readonly answers?: readonly (string | null)[];
  readonly processes: readonly ManagedProcess[];
  /** The apps that the monitor knows; null: none runs. */
  readonly known?: readonly string[] | null;
}

async function watched({
  words = [],
  options = [],
  answers = [],
  processes,
  known = [],
}: Call): Promise<{ code: number; io: FakeIo; asked: readonly string[] }> {
  const io = new FakeIo();
  const asked: string[] = [];
  const ask = async (question: string): Promise<string | null> => {
    asked.push(question);
    return answers[asked.length - 1] ?? null;
  };
  const given = {
    words,
    has: (option: string) => options.includes(option),
    valueOf: () => undefined,
    valuesOf: () => [],
  };
  const { style, isTerminal, columns, signal } = io;
  // It is spread, and a class would lose its methods.
  const terminal = {
    out: (line: string) => io.out(line),
    err: (line: string) => io.err(line),
    clear: () => io.clear(),
    style,
    isTerminal,
    columns,
    signal,
  };
  const code = await runWatch(given, terminal, ask, () => ({
    processes: async () => processes,
    status: async () => (known === null ? null : statusOf(known)),
    close: async () => undefined,
  }));
  return { code, io, asked };
}

/** The names and blocks in the file; none where there is no file. */
async function written(file: string): Promise<readonly { name: string; block: unknown }[]> {
  const text = await readFile(file, 'utf8').catch(() => '{"apps":[]}');
  return (JSON.parse(text) as { apps: { name: string; block: unknown }[] }).apps;
}

describe('watch', () => {
  test('writes what is shown and agreed to, and says how the app is', async (t) => {
    const { file } = await pm2HomeFor(t);
    const url = `http://127.0.0.1:${await webPort(t)}/`;
    const call = { words: ['web', url], processes: [ownApp()], known: ['web'] };
    const { code, io, asked } = await watched({ ...call, answers: ['y'] });
    assert.equal(code, 0, io.errLines.join('\n'));
    assert.deepEqual(asked, ['Watch web? [y/N] ']);
    assert.deepEqual(await written(file), [
      { name: 'web', block: { http: { url, status: '100-599' } } },
    ]);
    const said = io.outLines.join('\n');
    assert.ok(said.indexOf('This is written to') < said.indexOf('Written: web.'), said);
    assert.match(said, /^web: all is well$/m);
  });

  for (const [answer, reason] of [
    ['n', 'Nothing is written.'],
    [null, 'Nothing is written: there is no terminal to ask on; add --yes.'],
  ] as const) {
    test(`writes nothing after ${answer ?? 'no terminal'}`, async (t) => {
      const { file } = await pm2HomeFor(t);
      const words = ['web', String(await webPort(t))];
      const { code, io } = await watched({ words, processes: [ownApp()], answers: [answer] });
      assert.equal(code, 1);
      assert.deepEqual(io.errLines, [reason]);
      assert.deepEqual(await written(file), []);
    });
  }

  test('takes some of several apps on the word c', async (t) => {
    const { file } = await pm2HomeFor(t);
    await webPort(t);
    const processes = ['one', 'two'].map((name, pmId) => ownApp({ name, pmId }));
    const answers = ['c', 'n', 'yes'];
    const { code, asked } = await watched({ processes, answers, known: ['two'] });
    assert.deepEqual(asked, [
      'Watch one, two? [y/N/c = choose] ',
      'Watch one? [y/N] ',
      'Watch two? [y/N] ',
    ]);
    assert.equal(code, 1, 'one is not watched');
    assert.deepEqual(
      (await written(file)).map(({ name }) => name),
      ['two'],
    );
  });

  test('with --json prints one document, asks nothing and writes nothing', async (t) => {
    const { file } = await pm2HomeFor(t);
    const port = await webPort(t);
    const call = { words: ['web', String(port)], options: ['json'], processes: [ownApp()] };
    const { code, io, asked } = await watched(call);
    assert.equal(code, 1);
    assert.deepEqual(asked, []);
    const { apps, ...rest } = JSON.parse(io.outLines.join('\n'));
    assert.deepEqual(rest, { schemaVersion: 1, isMonitorRunning: null });
    assert.deepEqual([apps.length, apps[0].state], [1, 'proposed']);
    assert.deepEqual(await written(file), []);
  });

  test('has nothing to ask where every app is watched', async (t) => {
    await pm2HomeFor(t);
    const app = ownApp({ block: { tcp: '127.0.0.1:1' } });
    const { code, io, asked } = await watched({ processes: [app], known: ['web'] });
    assert.equal(code, 0);
    assert.deepEqual(asked, []);
    assert.deepEqual(io.outLines, ['PM2 has no app that nobody watches.']);
  });

  test('exits with 3 where no monitor runs and none may be started, with the block written', async (t) => {
    const { file } = await pm2HomeFor(t);
    const words = ['web', String(await webPort(t))];
    const answers = ['y', 'n'];
    const { code, io, asked } = await watched({
      words,
      processes: [ownApp()],
      answers,
      known: null,
    });
    assert.equal(code, 3);
    assert.deepEqual(asked, ['Watch web? [y/N] ', 'Start it now? [y/N] ']);
    assert.match(io.outLines.join('\n'), /Nothing is watched yet: no monitor runs in this PM2\./);
    assert.equal((await written(file)).length, 1);
  });

  test('leaves a file that it cannot read as it is, and asks PM2 nothing', async (t) => {
    const { file } = await pm2HomeFor(t);
    await writeFile(file, '[]');
    await assert.rejects(watched({ processes: [] }), (error: Error) => {
      assert.equal(codeOf(error), 'ERR_CONFIG');
      assert.match(
        error.message,
        /watched\.json is not a JSON object; correct it, or move it away/,
      );
      return true;
    });
    assert.equal(await readFile(file, 'utf8'), '[]');
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';

/** A process that registers good and bad metrics and actions, as PM2 would run it: with an IPC channel. */
const SCRIPT = `
import { createIo } from ${JSON.stringify(new URL('../../src/pm2/io.ts', import.meta.url).href)};
const io = createIo();
io.metric('good', () => 'UP 1ms');
io.metric('nan', () => Number.NaN);
io.metric('throws', () => { throw new Error('metric'); });
io.metric('{braces}', () => 1);
io.action('echo', (parameter) => ({ parameter }));
io.action('fails', () => { throw new Error('bad input'); });
io.action('rejects', () => Promise.reject(new Error('later')));
setInterval(() => undefined, 1_000);
`;

type Message = { type: string; data: Record<string, unknown> };

/** What @pm2/io sends by itself, every second: all metrics at once. */
function isOfMany({ type, data }: Message): boolean {
  return type === 'axm:monitor' && Object.keys(data).length > 1;
}

describe('what we report to PM2', () => {
  let dir: string;
  let child: ReturnType<typeof fork>;
  const messages: Message[] = [];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-io-'));
    const script = join(dir, 'io.mts');
    await writeFile(script, SCRIPT);
    child = fork(script, { execArgv: ['--import', import.meta.resolve('tsx')] });
    // What comes over the channel is what the process under test wrote.
    child.on('message', (message) => messages.push(message as Message));
  });

  after(async () => {
    child.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  /** The newest answer of an action. */
  function ask(action: string, parameter?: string): Promise<unknown> {
    child.send({ msg: action, ...(parameter === undefined ? {} : { opts: parameter }) });
    return until(
      `the answer of ${action}`,
      () =>
        messages.findLast(
          ({ type, data }) => type === 'axm:reply' && data['action_name'] === action,
        )?.data['return'],
    );
  }

  test('a metric that throws or is no number shows as ?, and a name loses its braces', async () => {
    const shown = await until('the metrics', () => messages.findLast(isOfMany)?.data);
    const values = Object.fromEntries(
      Object.entries(shown).map(([name, metric]) => [name, (metric as { value: unknown }).value]), // @pm2/io's shape
    );
    assert.deepEqual(values, { good: 'UP 1ms', nan: '?', throws: '?', braces: 1 });
  });

  test('each metric is sent by itself first, because PM2 6 reverses the order within one message', async () => {
    await until('the metrics', () => messages.some(isOfMany));
    const told = messages.filter(({ type }) => type === 'axm:monitor');
    assert.deepEqual(
      told.slice(0, told.findIndex(isOfMany)).map(({ data }) => Object.keys(data)),
      [['good'], ['nan'], ['throws'], ['braces']],
    );
  });

  test('an action gets its parameter as text, or none', async () => {
    assert.deepEqual(await ask('echo', 'web 30m'), { parameter: 'web 30m' });
  });

  test('an action that throws or rejects answers with its error, and the process runs on', async () => {
    assert.deepEqual(await ask('fails'), { error: 'bad input' });
    assert.deepEqual(await ask('rejects'), { error: 'later' });
    assert.equal(child.exitCode, null);
  });
});

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { flush, watchOutput } from '../../../src/cli/framework/output.ts';

/** A stream that takes its time, and keeps or refuses what is written. */
function stream(error: NodeJS.ErrnoException | null = null): { to: Writable; text: () => string } {
  let text = '';
  const to = new Writable({
    write(chunk, _, done) {
      setImmediate(() => {
        if (error === null) text += String(chunk);
        done(error);
      });
    },
  });
  return { to, text: () => text };
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: it went wrong, write`), { code });
}

/** What is said, how often it is stopped and whether all was written, where the output fails so. */
async function endOf(code: string): Promise<{ stops: number; isWhole: boolean; said: string }> {
  const [out, err] = [stream(failure(code)), stream()];
  let stops = 0;
  const watch = watchOutput(out.to, err.to, () => (stops += 1));
  assert.ok(watch.isWhole());
  for (const line of ['one', 'two', 'three']) out.to.write(`${line}\n`);
  await flush(out.to, err.to);
  return { stops, isWhole: watch.isWhole(), said: err.text() };
}

describe('the output', () => {
  test('that the disk does not accept is reported in one sentence, once', async () => {
    assert.deepEqual(await endOf('ENOSPC'), {
      stops: 1,
      isWhole: false,
      said: 'the output cannot be written: ENOSPC: it went wrong, write\n',
    });
  });

  test('that the reader of a pipe has closed stops silently', async () => {
    assert.deepEqual(await endOf('EPIPE'), { stops: 1, isWhole: true, said: '' });
  });

  test('reaches its reader before the program exits', async () => {
    const [out, err] = [stream(), stream()];
    out.to.write('a'.repeat(100_000));
    out.to.write('end');
    await flush(out.to, err.to);
    assert.ok(out.text().endsWith('aend'));
  });

  test('continues where standard error cannot be written', async () => {
    const [out, err] = [stream(), stream(failure('EPIPE'))];
    const watch = watchOutput(out.to, err.to, () => assert.fail());
    err.to.write('a note');
    out.to.write('data');
    await flush(out.to, err.to);
    assert.deepEqual([watch.isWhole(), out.text()], [true, 'data']);
  });
});

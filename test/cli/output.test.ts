import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { flushed, watchOutput } from '../../src/cli/output.ts';

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

/** What is said and how it ends, where the output fails so. */
async function endOf(code: string): Promise<{ ends: number[]; said: string }> {
  const [out, err, ends] = [stream(failure(code)), stream(), [] as number[]];
  watchOutput(out.to, err.to, (end) => ends.push(end));
  for (const line of ['one', 'two', 'three']) out.to.write(`${line}\n`);
  await flushed(out.to, err.to);
  return { ends, said: err.text() };
}

describe('the output', () => {
  test('that the disk does not take is told in one sentence, once, and ends with 1', async () => {
    assert.deepEqual(await endOf('ENOSPC'), {
      ends: [1],
      said: 'the output cannot be written: ENOSPC: it went wrong, write\n',
    });
  });

  test('that the reader of a pipe has had enough of ends without a word', async () => {
    const { ends, said } = await endOf('EPIPE');
    assert.ok(ends.length > 0 && ends.every((code) => code === 0));
    assert.equal(said, '');
  });

  test('is with its reader before the program ends', async () => {
    const [out, err] = [stream(), stream()];
    out.to.write('a'.repeat(100_000));
    out.to.write('end');
    await flushed(out.to, err.to);
    assert.ok(out.text().endsWith('aend'));
  });

  test('goes on where nobody hears standard error', async () => {
    const [out, err, ends] = [stream(), stream(failure('EPIPE')), [] as number[]];
    watchOutput(out.to, err.to, (end) => ends.push(end));
    err.to.write('a note');
    out.to.write('data');
    await flushed(out.to, err.to);
    assert.deepEqual([ends, out.text()], [[], 'data']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blockText, planLines, type Plan } from '../../../src/cli/watch/plan.ts';
import { managed } from '../../support/fake-pm2.ts';
import { FakeIo } from '../io.ts';

/** A terminal of eighty columns. */
class Narrow extends FakeIo {
  override readonly columns = 80;
}

const app = managed({ name: 'shop', env: { PORT: '4000' } });

describe('a plan of watch', () => {
  test('shows the block in one line, with each setting beside the probe', () => {
    const block = { http: { url: 'http://localhost:4000/', status: '100-599' }, timeout: '10s' };
    assert.equal(
      blockText(app, block),
      'http http://localhost:4000/, any status is alive; timeout 10s',
    );
    assert.equal(blockText(app, { tcp: '127.0.0.1:${PORT}' }), 'tcp 127.0.0.1:4000');
  });

  test('does not show a block that it cannot read', () => {
    assert.equal(blockText(app, { http: 7 }), 'its block');
    assert.equal(blockText(app, 'http'), 'its block');
  });

  test('says what there is to know, in lines that fit and without what a terminal would obey', () => {
    const plan: Plan = {
      app: managed({ name: 'evil\u001b[2J' }),
      state: 'none',
      proposal: {
        block: null,
        found: `it listens on ${'port 4000, '.repeat(12)}`,
        warning: 'a hung app still passes',
      },
    };
    const lines = planLines(plan, new Narrow());
    assert.ok(
      lines.every((line) => line.length <= 80 && !line.includes('\u001b')),
      lines.join('\n'),
    );
    assert.match(lines[0] ?? '', /^evil.*: nothing to propose$/);
    assert.equal(lines.at(-1), '  note: a hung app still passes');
  });

  test('of an app that is watched proposes nothing', () => {
    const proposal = {
      block: { tcp: '1' },
      found: "its block is in PM2's entry of it",
      warning: null,
    };
    const [first] = planLines({ app, state: 'watched', proposal }, new FakeIo());
    assert.equal(first, 'shop: watched already');
  });
});

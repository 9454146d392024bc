import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fileDifferences } from '../../../src/cli/framework/ecosystem-here.ts';

const BLOCK = "env_liveness: { tcp: 'localhost:80' }";

/** What is said of a folder with this ecosystem file where `web` alone is watched. */
async function said(
  context: TestContext,
  text: string,
  isAll = true,
  file = 'ecosystem.config.cjs',
): Promise<readonly string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'pl-here-'));
  context.after(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, file), text);
  return fileDifferences(dir, { names: ['web'], isAll });
}

describe('how the ecosystem file here differs from what is watched', () => {
  const REMOVED =
    'web: ecosystem.config.cjs has no env_liveness for it any more; PM2 keeps the old one in force until: pm2 delete web && pm2 start ecosystem.config.cjs --only web';

  test('is a block that was taken out, also where other apps have one (issue 13, 21)', async (context) => {
    const text = `module.exports = { apps: [{ name: 'web', script: 's' }, { name: 'api', script: 's', ${BLOCK} }] };`;
    assert.deepEqual(await said(context, text), [
      REMOVED,
      'api: ecosystem.config.cjs has env_liveness for it, but it is not watched; to start it: pm2 start ecosystem.config.cjs --only api',
    ]);
    assert.deepEqual(await said(context, text, false), [REMOVED]);
  });

  test('is a block that is only in a variable or a comment', async (context) => {
    const text = `const old = { ${BLOCK} }; // ${BLOCK}\nmodule.exports = { apps: [{ name: 'web', script: 's' }] };`;
    assert.deepEqual(await said(context, text), [REMOVED]);
  });

  for (const [file, text] of [
    [
      'ecosystem.yml',
      'apps:\n  - name: web\n    script: s.js\n  - name: pm2-liveness\n    script: m.js\n',
    ],
    ['process.yaml', '- { name: web, script: s.js }\n'],
    ['ecosystem.config.mjs', "export const apps = [{ name: 'web', script: 's.js' }];\n"],
    ['process.json', '{ "apps": [{ "name": "web", "script": "s.js" }] }\n'],
  ] as const) {
    test(`is a block that was taken out of ${file}`, async (context) => {
      assert.deepEqual(await said(context, text, true, file), [
        REMOVED.replaceAll('ecosystem.config.cjs', file),
      ]);
    });
  }

  test('is nothing where all is the same, where code decides, and where there is no file', async (context) => {
    for (const text of [
      `module.exports = { apps: [{ name: 'web', script: 's', ${BLOCK} }] };`,
      "const web = { name: 'web', script: 's' }; module.exports = { apps: [web] };",
      "module.exports = { apps: [{ name: 'web', script: 's', ...base }] };",
      "module.exports = { apps: [{ name: 'other', script: 's' }, { name: 'pm2-liveness', script: 's' }] };",
      'module.exports = {',
    ]) {
      assert.deepEqual(await said(context, text), [], text);
    }
    assert.deepEqual(await fileDifferences('/nowhere', { names: ['web'], isAll: true }), []);
  });

  test('is found without running the file', async (context) => {
    const text = `require('node:fs').writeFileSync(__dirname + '/ran', '');\nmodule.exports = { apps: [{ name: 'web', script: 's' }] };`;
    assert.deepEqual(await said(context, text), [REMOVED]);
  });
});

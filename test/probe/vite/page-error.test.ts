import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createServer as createVite8 } from 'vite';
import { createServer as createVite7 } from 'vite-7';
import type { Sample } from '../../../src/probe/probe.ts';
import { until, verdictOf } from '../support/ask.ts';
import { viteProbe } from '../support/fake-vite.ts';
import { renderingFramework } from '../support/rendering-framework.ts';
import { viteApp } from '../support/vite-app.ts';
import type { ViteApp } from '../support/vite-app.ts';

const VERSIONS = {
  // as: the options of both versions that are used here are the same
  '7': createVite7 as unknown as typeof createVite8,
  '8': createVite8,
};

for (const [version, create] of Object.entries(VERSIONS)) {
  describe(`a page that a framework on Vite ${version} renders`, () => {
    /** An app, and what a deep check says of it. */
    async function serve(
      t: TestContext,
      delayMs?: number,
    ): Promise<ViteApp & { deeply: () => Promise<Sample> }> {
      const app = await viteApp(
        t,
        {
          optimizeDeps: { noDiscovery: true },
          plugins: [renderingFramework({ delayMs })],
          server: { hmr: true, ws: {} },
        },
        create,
      );
      const { deeply } = viteProbe(t, app.url, { deepTimeoutMs: 15_000 });
      const write = async (file: string, text: string): Promise<void> => {
        await app.write(file, text);
        app.server.environments.ssr.moduleGraph.invalidateAll();
      };
      await write('src/title.ts', "export const title = 'hello';");
      await write(
        'src/page.ts',
        "import { title } from './title.ts';\nexport const render = () => title;",
      );
      return {
        ...app,
        write,
        async deeply() {
          let sample = await deeply();
          await until(
            async () => {
              if (verdictOf(sample) === 'unknown pending') sample = await deeply();
              return verdictOf(sample) !== 'unknown pending';
            },
            'a deep answer',
            20_000,
          );
          return sample;
        },
      };
    }

    test('is source with file and line, for as long as it does not compile', async (t) => {
      const { deeply, write } = await serve(t);
      assert.equal(verdictOf(await deeply()), 'ok');
      await write('src/title.ts', 'export const title = (;\n');
      for (let times = 0; times < 2; times += 1) {
        const broken = await deeply();
        assert.equal(verdictOf(broken), 'fail source', broken.detail);
        assert.match(broken.detail, /^src\/title\.ts:1:\d+ /);
      }
      await write('src/title.ts', "export const title = 'hello';");
      assert.equal(verdictOf(await deeply()), 'ok');
    });

    test('is source where an import leads nowhere, told a moment after the page', async (t) => {
      const { deeply, write } = await serve(t, 200);
      await write('src/page.ts', "import './nothing.ts';\nexport const render = () => '';");
      const broken = await deeply();
      assert.equal(verdictOf(broken), 'fail source', broken.detail);
      assert.match(broken.detail, /^src\/page\.ts Failed to load url \.\/nothing\.ts .*exist\?$/);
    });

    test('is source in a file with much code, which Vite sends with the error', async (t) => {
      const { deeply, write } = await serve(t);
      const code = `/* ${'much code '.repeat(15_000)} */\n`;
      await write('src/title.ts', `${code}export const title = (;\n`);
      const broken = await deeply();
      assert.equal(verdictOf(broken), 'fail source', broken.detail);
    });

    test('is a Vite without its transformer where that is what Vite says of every file', async (t) => {
      const { deeply, write } = await serve(t);
      const gone = 'The service is no longer running';
      await write(
        'src/page.ts',
        `throw Object.assign(new Error('${gone}'), { id: '/a/src/x.ts' });`,
      );
      assert.equal(verdictOf(await deeply()), 'fail signature');
    });

    test('is an app that is ill where it throws as it renders, also after an old typing error', async (t) => {
      const { deeply, write, server } = await serve(t);
      // Vite keeps the last error for the next client where none is there.
      const err = { message: 'old', stack: '', id: '/a/src/old.ts' };
      server.ws.send({ type: 'error', err });
      await write(
        'src/page.ts',
        "export const render = () => { throw new Error('no database'); };",
      );
      const broken = await deeply();
      assert.equal(verdictOf(broken), 'fail status', broken.detail);
      assert.match(broken.detail, /^the page answered 500 .*not Vite's own/);
    });
  });
}

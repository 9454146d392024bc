import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import type { InlineConfig, ViteDevServer } from 'vite';
import { until } from './ask.ts';

/** A small React app in a temporary folder, served by the real dev server on port 0. */
export interface ViteApp {
  readonly url: string;
  readonly server: ViteDevServer;
  /** Writes a file of the app and makes Vite forget what it had of it. */
  readonly write: (file: string, text: string) => Promise<void>;
  readonly remove: (file: string) => Promise<void>;
}

const FILES: Readonly<Record<string, string>> = {
  'index.html': `<!doctype html><html><body><div id="root"></div>
    <script type="module" src="/src/main.tsx"></script>
    <script type="module">import './src/inline.css';</script></body></html>`,
  'src/main.tsx': `import { createRoot } from 'react-dom/client';
    import App from './App.tsx';
    import './main.css';
    const root = document.querySelector('#root') as Element;
    createRoot(root).render(<App />);`,
  'src/App.tsx': `import { useState } from 'react';
    import logo from './logo.svg';
    import { title } from './data.json';
    export default function App(): unknown {
      const [count] = useState<number>(0);
      return <h1><img src={logo} />{title} {count}</h1>;
    }`,
  'src/main.css': 'body { margin: 0 }',
  'src/inline.css': 'b { color: red }',
  'src/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'src/data.json': '{ "title": "hello" }',
};

// Vite ends its process when standard input ends, as it does under a test runner, unless CI is set.
process.env['CI'] ??= 'true';

/** Starts the app under Vite 8, or the Vite whose `create` is given; it ends with the test. */
export async function viteApp(
  t: TestContext,
  config: InlineConfig = {},
  create = createServer,
): Promise<ViteApp> {
  const root = await mkdtemp(join(tmpdir(), 'vite-probe-'));
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  await symlink(modules, join(root, 'node_modules'), 'dir');
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  const server = await create({
    root,
    configFile: false,
    logLevel: 'silent',
    cacheDir: join(root, '.vite-cache'),
    ...config,
    server: { port: 0, host: '127.0.0.1', hmr: false, ws: false, watch: null, ...config.server },
  });
  t.after(async () => {
    // What Vite is optimising it writes even after its end, and the folder would stay behind.
    const isOptimised = (): boolean => existsSync(join(root, '.vite-cache/deps/_metadata.json'));
    if (config.optimizeDeps?.noDiscovery !== true)
      await until(isOptimised, 'the end of the optimiser');
    await server.close();
    await rm(root, { recursive: true, force: true });
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== 'object' || address === null) throw new Error('Vite does not listen');
  const forget = (): void => server.environments.client.moduleGraph.invalidateAll();
  return {
    url: `http://127.0.0.1:${address.port}${server.config.base}`,
    server,
    async write(file, text) {
      await writeFile(join(root, file), text);
      forget();
    },
    async remove(file) {
      await rm(join(root, file));
      forget();
    },
  };
}

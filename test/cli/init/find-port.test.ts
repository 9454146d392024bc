import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codePort } from '../../../src/cli/init/edit/code-port.ts';
import { findPort } from '../../../src/cli/init/find-port.ts';
import { readProject } from '../../../src/cli/init/project.ts';
import { projectOf, type Files } from './projects.ts';

const NONE: Files = { 'package.json': '{}' };

const PORTS: readonly (readonly [
  command: string,
  port: number | null,
  files?: Files,
  env?: Readonly<Record<string, string>>,
])[] = [
  ['vite', 5173],
  ['vite --port 4100', 4100],
  ['vite', 4100, { 'vite.config.ts': 'export default { server: { port: 4100 } }' }],
  ['vite', 5173, { 'vite.config.ts': 'export default { server: { hmr: { port: 4100 } } }' }],
  ['vite', 5173, { 'vite.config.ts': '// port: 4100\nexport default {}' }],
  ['vite', null, { 'vite.config.ts': 'export default { server: { port: 4000 + nth } }' }],
  ['vite', null, { 'vite.config.ts': 'export default { server: { port: env.PORT } }' }],
  ['PORT=4000 vite', 5173],
  ['vite', 5173, {}, { PORT: '4000' }],
  ['vite preview', 4173],
  ['next dev', 3000],
  ['next dev -p 3100', 3100],
  ['next start', 3000, { '.env': 'PORT=4000' }],
  ['cross-env PORT=3200 next dev', 3200],
  ['react-scripts start', 3000],
  ['react-scripts start', 3300, { '.env': 'PORT=3300\n' }],
  ['astro dev', 4321],
  ['nuxt dev', 3000],
  ['nuxt dev', 3400, { 'nuxt.config.ts': 'export default { devServer: { port: 3400 } }' }],
  ['nuxt dev', null, { '.env': 'PORT=3400' }],
  ['nuxt dev', null, { '.env': 'NITRO_PORT=3400' }],
  ['nuxt dev', 3401, {}, { PORT: '3400', NITRO_PORT: '3401' }],
  ['NUXT_PORT=3402 nuxt dev', 3402, {}, { NITRO_PORT: '3401' }],
  ['nuxt dev', 3403, { '.env': 'PORT=3400' }, { NITRO_PORT: '3403' }],
  ['node node_modules/@react-router/dev/bin.js dev', 5173],
  ['node_modules/webpack-cli/bin/cli.js serve', 8080],
  ['node_modules/storybook/dist/bin/dispatcher.js dev', 6006],
  ['node_modules/parcel/lib/bin.js index.html', 1234],
  ['node lib/bin.js index.html', null],
  ['ng serve', 4200],
  ['ng serve', 4200, {}, { PORT: '3000' }],
  ['ng serve', 4300, { 'angular.json': '{"serve":{"options":{"port": 4300}}}' }],
  ['ng serve', null, { 'angular.json': '{"a":{"port": 4300},"b":{"port": 4301}}' }],
  ['react-router dev', 5173],
  ['remix vite:dev', 5173],
  ['webpack serve', 8080],
  ['webpack serve', 9000, { 'webpack.config.js': 'module.exports={devServer:{port:9000}}' }],
  ['rsbuild dev', 3000],
  ['storybook dev -p 6007', 6007],
  ['storybook dev', 6006],
  ['gatsby develop', 8000],
  ['expo start --web', 8081],
  ['vue-cli-service serve', 8080],
  ['parcel index.html', 1234],
  ['docusaurus start', 3000],
  ['eleventy --serve', 8080],
  ['ember serve', 4200],
  ['http-server dist', 8080],
  ['serve -l 5000 dist', 5000],
  ['serve --listen tcp://0.0.0.0:5001 dist', 5001],
  ['node api.js --port 3001 & vite', 5173],
  ['concurrently "node api.js --port 3001" "vite --port 3002"', 3002],
  ['vite build', null],
  ['quasar dev', null],
  ['node server.js', null],
  ['node a.js -p 1 & node b.js -p 2', null],
  ['node server.js', 3000, { 'server.js': 'app.listen(3000)' }],
  ['node server.js', 3000, { 'server.js': 'app.listen(process.env.PORT || 3000)' }],
  ['node server.js', 80, { 'server.js': 'app.listen(process.env.PORT || 3000)' }, { PORT: '80' }],
  ['node server.js', 3000, { 'server.js': 'app.listen(3000)' }, { PORT: '80' }],
  ['node server.js', 81, {}, { PORT: '81' }],
  [
    'node server.js',
    4000,
    { 'server.js': "import 'dotenv/config'; l.listen(process.env.PORT)", '.env': 'PORT=4000' },
  ],
  [
    'node server.js',
    null,
    { 'server.js': 'app.listen(process.env.PORT || 3000)', '.env': 'PORT=4000' },
  ],
  [
    'nest start --watch',
    3000,
    { 'src/main.ts': 'const app = await f(); await app.listen(process.env.PORT ?? 3000);' },
  ],
  [
    'nest start',
    3000,
    {
      'src/main.ts':
        'async function f(): Promise<void> { const app = await N.create<App>(M); await app.listen(process.env.PORT ?? 3000); }',
    },
  ],
];

describe('the port of an app that does not run', () => {
  for (const [command, port, files = {}, env = {}] of PORTS) {
    const given = [...Object.keys(files), ...Object.keys(env)].join(', ');
    test(`of '${command}'${given && ` with ${given}`} is ${port ?? 'not known'}`, async (context) => {
      const { dir, remove } = await projectOf({ ...NONE, ...files });
      context.after(remove);
      assert.equal(findPort(command, env, readProject(dir)), port);
    });
  }
});

describe('the port in the code of a server', () => {
  for (const [code, port] of [
    ['const port = 3000; server.listen(port)', 3000],
    ["const { createServer } = require('http'); createServer().listen({ port: 8080 })", 8080],
    ["app.listen(Number(process.env['PORT'] ?? '3001'))", 3001],
    ['fastify.listen({ port: +process.env.PORT || 3002, host: "0.0.0.0" })', 3002],
    ['Bun.serve({ port: 3003, fetch() {} })', 3003],
    ['let port = 1; port = 2; app.listen(port)', null],
    ['app.listen(3000); admin.listen(3001)', null],
    ['app.listen(config.port)', null],
    ['app.listen(0)', null],
    ['app.listen("/run/app.sock")', null],
    ['const a = a; app.listen(a)', null],
    ['app.listen(', null],
    ['const port: number = 3000; app.listen(port)', null],
    ['const a: number = 1; // app.listen(3000)\napp.listen(3001)', 3001],
    ['const a: number = 1; app.listen(3000); admin.listen(3001)', null],
    ['const a: number = 1; app.listen(3000); admin.listen(other as number)', null],
    ['', null],
  ] as const) {
    test(`${code || '(none)'} is ${port ?? 'not known'}`, () => {
      assert.equal(codePort(code, {}), port);
    });
  }
});

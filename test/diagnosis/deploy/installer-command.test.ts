import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installerOf } from '../../../src/diagnosis/deploy/installer-command.ts';

/** Command lines as measured with npm 11, pnpm 10, yarn 4 and bun 1: words are parted by `|`. */
const INSTALLERS: Readonly<Record<string, string>> = {
  'npm install': 'npm install',
  'npm ci': 'npm ci',
  'npm i': 'npm i',
  'npm install left-pad@1': 'npm install',
  'npm audit fix': 'npm audit fix',
  'npm rm left-pad': 'npm rm',
  'node|/usr/bin/npm|--silent|i': 'npm i',
  'node|/usr/lib/node_modules/npm/bin/npm-cli.js|ci': 'npm ci',
  'node|/x/.bin/pnpm|install|--registry|http://127.0.0.1:1/': 'pnpm install',
  'node|/x/.bin/pnpm|--registry|http://127.0.0.1:1/|-C|/x/pp|i': 'pnpm i',
  'node|/x/bin/pnpm.cjs|-r|install': 'pnpm install',
  'node|/x/bin/pnpm.cjs|recursive|install': 'pnpm install',
  'node|/x/bin/pnpm.cjs|-w|add|zod': 'pnpm add',
  'pnpm|i': 'pnpm i',
  '/x/.bin/pn|add|left-pad': 'pnpm add',
  'node|/x/.bin/yarn': 'yarn install',
  'node|/x/.bin/yarn|--frozen-lockfile': 'yarn install',
  'node|/x/.bin/yarn|--registry|http://127.0.0.1:1/': 'yarn install',
  'node|/x/.yarn/releases/yarn-4.1.0.cjs|install|--immutable': 'yarn install',
  'node|/x/.yarn/releases/yarn-berry.cjs|install': 'yarn install',
  'node|-r|/x/hook.js|--import|tsx|/x/bin/yarn': 'yarn install',
  'node|--no-warnings|/x/bin/yarn.js|add|zod': 'yarn add',
  'node|/x/bin/yarn.js|workspace|web|add|zod': 'yarn add',
  'node|/x/bin/yarn.js|workspaces|focus': 'yarn workspaces focus',
  'node|/usr/bin/corepack|yarn|install': 'yarn install',
  'node|/usr/bin/corepack|pnpm@9.1.0|i': 'pnpm i',
  '/x/.bin/bun|i': 'bun i',
  'bun|install|--frozen-lockfile': 'bun install',
};

/** What runs an app, a script or another program; and what works for all of the machine. */
const OTHERS = [
  'npm run dev',
  'npm start',
  'npm exec vite',
  'npm exec install',
  'npm run install',
  'npm test',
  'npm',
  'npm audit',
  'npm install-scripts ls',
  'node|/usr/bin/npm|run|dev',
  'node|/usr/bin/npx|vite',
  'node|/usr/bin/npm|install|-g|pm2',
  'node|/x/.bin/pnpm',
  'node|/x/.bin/pnpm|dev',
  'node|/x/.bin/pnpm|--filter|install|dev',
  'node|/x/.bin/pnpm|exec|install',
  'node|/x/.bin/pnpx|install',
  'node|/x/.bin/pnpm|add|-g|pm2',
  'node|/x/.bin/yarn|dev',
  'node|/x/.bin/yarn|--version',
  'node|/x/.bin/yarn|global|add|pm2',
  'node|/x/.bin/yarn|workspaces|foreach|run|install',
  'bun|run|dev',
  'bun|server.ts',
  'bun',
  'bunx|install',
  'node|server.js|install',
  'node|/srv/npm/server.js|install',
  'node',
  '',
  'vim|npm install',
];

describe('a command line', () => {
  for (const [line, label] of Object.entries(INSTALLERS)) {
    test(`${line} is ${label}`, () => {
      assert.equal(installerOf(line.split('|'))?.label, label);
    });
  }

  for (const line of OTHERS) {
    test(`${line || 'nothing'} is no installer`, () => {
      assert.equal(installerOf(line.split('|')), null);
    });
  }

  test('says in which folder it works', () => {
    const folderOf = (line: string): string | null | undefined =>
      installerOf(line.split('|'))?.folder;
    assert.equal(folderOf('node|/x/pnpm|-C|/srv/web|i'), '/srv/web');
    assert.equal(folderOf('node|/x/pnpm|--dir=../web|i'), '../web');
    assert.equal(folderOf('node|/x/yarn|--cwd|web'), 'web');
    assert.equal(folderOf('npm ci'), null);
  });

  test('of a hundred thousand words is read no further than a person types', () => {
    const words = ['node', '/x/pnpm', ...Array.from({ length: 100_000 }, () => '--x'), 'install'];
    assert.equal(installerOf(words), null);
  });
});

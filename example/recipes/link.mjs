// Makes every recipe, or the folders named on the command line, look like a project of its own: it gets a
// node_modules with the packages of this folder and pm2-liveness from this checkout.
// No `"pm2-liveness": "file:../.."` in package.json: npm would copy the checkout's manifest into the lock
// file, where it gets out of date, and build the checkout at each install.
// A folder with a lock file of its own has installed its packages by itself, and gets pm2-liveness alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const here = import.meta.dirname;
const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/** Every folder beside this file that has an ecosystem file. */
function recipes() {
  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => join(here, name))
    .filter((folder) => readdirSync(folder).includes('ecosystem.config.cjs'));
}

/** Makes a link, and replaces one that is there. */
function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(target, path, 'junction');
}

const given = process.argv.slice(2).map((folder) => resolve(folder));
for (const folder of given.length > 0 ? given : recipes()) {
  const isOwn = existsSync(join(folder, 'package-lock.json'));
  for (const name of isOwn ? [] : ['.bin', ...Object.keys(dependencies)]) {
    link(join(here, 'node_modules', name), join(folder, 'node_modules', name));
  }
  link(join(here, '../..'), join(folder, 'node_modules/pm2-liveness'));
}

'use strict';
// What `pm2 start ecosystem.config.cjs` runs: a React dev server, and the monitor that keeps it up.
// A setting is taken from the environment first, then from `.env` beside this file, then from the
// defaults that `.env.example` lists.

const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { inspect } = require('node:util');

const MONITOR = 'pm2-liveness';

/** An error without a stack: PM2 logs all that a config file throws, and here prints only the message. */
function plainError(message) {
  const error = new Error(message);
  error.stack = `${MONITOR}: ${message}`;
  error[inspect.custom] = () => error.stack;
  return error;
}

/** The module of the build that reads these settings: an ES module, which Node can `require` since 20.19. */
function loadReader() {
  const file = path.join(__dirname, 'dist', 'index.js');
  if (!existsSync(file)) {
    throw plainError(`${file} is missing; run 'npm ci' in ${__dirname}, which builds it`);
  }
  try {
    return require(path.join(__dirname, 'dist', 'config', 'launch-env.js'));
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    throw plainError(`Node ${process.version} is too old; install 20.19 or later`);
  }
}

/** `.env` with the real environment on top; neither is changed. */
function readEnv() {
  const file = path.join(__dirname, '.env');
  const { parsed, error } = require('dotenv').config({ path: file, processEnv: {}, quiet: true });
  if (error && error.code !== 'ENOENT') throw plainError(`cannot read ${file}: ${error.message}`);
  // oxlint-disable-next-line node/no-process-env
  return { ...parsed, ...process.env };
}

/** The app's folder and its package.json. */
function readApp(appDir) {
  const dir = path.resolve(__dirname, appDir);
  const file = path.join(dir, 'package.json');
  try {
    return { dir, manifest: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    const why = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.message})`;
    throw plainError(`APP_DIR is '${appDir}', but ${file} ${why}; write the folder of your app`);
  }
}

/** Vite's own program when the app is a plain Vite app, undefined when it is something else. */
function findVite({ dir, manifest }) {
  const { dependencies = {}, devDependencies = {}, scripts = {} } = manifest;
  // A Vite that happens to be installed in a parent folder is not the app's.
  if (!('vite' in dependencies || 'vite' in devDependencies)) return undefined;
  // A framework on top of Vite (`react-router dev`, `astro dev`) has a command of its own.
  if (scripts.dev !== undefined && !/(^|\s)vite(\s|$)/.test(scripts.dev)) return undefined;
  try {
    const file = createRequire(path.join(dir, 'package.json')).resolve('vite/package.json');
    return path.resolve(path.dirname(file), JSON.parse(readFileSync(file, 'utf8')).bin.vite);
  } catch {
    throw plainError(`vite is a dependency of ${dir} but not installed; run 'npm install' there`);
  }
}

/** The fields that every dev server has in common. */
function commonFields(launch, dir) {
  return {
    name: launch.appName,
    cwd: dir,
    // PM2 waits this long after SIGINT; a dev server has nothing to finish.
    kill_timeout: 1600,
    env: {
      NODE_ENV: 'development',
      // Without it Vite 7.1 exits with code 0 when its stdin closes.
      CI: 'true',
      BROWSER: 'none',
      // CI turns colours on, but the log is a file, and its last lines go into incidents.
      NO_COLOR: '1',
    },
  };
}

/** Vite itself, without npm in between: PM2 then watches, measures and stops the real process. */
function viteApp(launch, dir, script) {
  return {
    ...commonFields(launch, dir),
    script,
    args: ['--host', launch.host, '--port', String(launch.port), '--strictPort'],
    env_liveness: { vite: launch.url, ...launch.health },
  };
}

/** Any other dev server: its `dev` script, which is expected to use PORT. */
function npmApp(launch, { dir, manifest }) {
  if (!manifest.scripts?.dev) {
    throw plainError(`${dir} has neither vite as a dependency nor a 'dev' script; add one of them`);
  }
  const common = commonFields(launch, dir);
  return {
    ...common,
    script: 'npm',
    args: ['run', 'dev'],
    env: { ...common.env, HOST: launch.host, PORT: String(launch.port) },
    env_liveness: { http: launch.url, ...launch.health },
  };
}

function monitorApp(env) {
  const settings = Object.entries(env).filter(([name]) => name.startsWith('LIVENESS_'));
  return {
    name: MONITOR,
    script: path.join(__dirname, 'dist', 'main.js'),
    cwd: __dirname,
    // It has its own @pm2/io; PM2 would add a second one.
    pmx: false,
    // Limits the heap for young objects: 6 MB less resident memory. The limit for the others is far from what is
    // needed; below it Node collects earlier, with a thousand apps a quarter less memory.
    node_args: ['--max-semi-space-size=1', '--max-old-space-size=512'],
    // PM2 must always restart it. With a delay of `min_uptime` (1 s) or more PM2 never counts 16 quick
    // restarts. With exp_backoff_restart_delay it would stop in a state without a timer.
    restart_delay: 2000,
    max_memory_restart: '200M',
    // Time to record a restart that is in progress.
    kill_timeout: 5000,
    // The status page, for this machine alone; `LIVENESS_HTTP=` in `.env` turns it off.
    env: { LIVENESS_HTTP: '9616', ...Object.fromEntries(settings) },
  };
}

function readLaunch(env) {
  const { readLaunchEnv } = loadReader();
  try {
    return readLaunchEnv(env);
  } catch (error) {
    throw plainError(error.message);
  }
}

const env = readEnv();
const launch = readLaunch(env);
const app = readApp(launch.appDir);
const vite = findVite(app);

module.exports = {
  apps: [
    vite === undefined ? npmApp(launch, app) : viteApp(launch, app.dir, vite),
    monitorApp(env),
  ],
};

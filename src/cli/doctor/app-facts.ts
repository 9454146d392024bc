import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBlock } from '../../config/target-config.ts';
import { certFileTrouble } from '../../diagnosis/certificate-file.ts';
import { BoundedFiles } from '../../os/bounded-files.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { systemClock } from '../../time/clock.ts';
import { configFilesOf, startsDevServer } from '../framework/dev-project.ts';
import type { AppFacts } from './facts.ts';
import { httpBehindTcp } from './http-behind-tcp.ts';
import { portUse, type PortUseDeps } from './port-use.ts';
import { wordsOf, wrapperOf } from './wrapper.ts';

const VITE = /(?:^|[\\/\s])vite(?:\.js)?(?:\s|$)/;
/** Config files of Vite, and of frameworks that have Vite's settings in their own. */
const CONFIGS = configFilesOf('vite', 'astro', 'nuxt');

const files = new BoundedFiles(systemClock);

/** Reads the facts of one app. */
export async function appFacts(process: ManagedProcess, ground: PortUseDeps): Promise<AppFacts> {
  const read = process.block === undefined ? null : readBlock(process.block, process.env);
  const config = read?.ok ? read.config : null;
  const wrapper = await wrapperOf(process);
  const typed = [process.env['pm_exec_path'], ...wordsOf(process)].join(' ');
  const line = wrapper === null ? typed : (wrapper.command ?? '');
  const isVite = config?.probe.type === 'vite' || VITE.test(line);
  const isRunning = config !== null && process.pid > 0;
  const httpUrl = isRunning ? await httpBehindTcp(config) : null;
  const trouble = config === null ? null : await certFileTrouble(config, files);
  return {
    process,
    config,
    problems: read === null || read.ok ? [] : read.problems,
    wrapper,
    isVite,
    isDevServer: config?.probe.type === 'vite' || startsDevServer(line),
    isStrictByConfig: isVite && /\bstrictPort\s*:\s*true\b/.test(await viteConfig(process.cwd)),
    port: config === null ? null : await portUse(process, config, ground),
    ...(httpUrl !== null && { httpUrl }),
    ...(trouble !== null && { certFileTrouble: trouble }),
  };
}

/** The text of the configurations, without comments. */
async function viteConfig(folder: string): Promise<string> {
  const texts = await Promise.all(
    CONFIGS.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  return dropComments(texts.join('\n'));
}

/** Removes comments in one pass, also where a comment has no end. */
function dropComments(text: string): string {
  let kept = '';
  let at = 0;
  for (const { 0: mark, index } of text.matchAll(/\/[*/]/g)) {
    if (index < at) continue;
    kept += text.slice(at, index);
    const end = mark === '//' ? text.indexOf('\n', index) : text.indexOf('*/', index + 2);
    if (end === -1) return kept;
    at = mark === '//' ? end : end + 2;
  }
  return kept + text.slice(at);
}

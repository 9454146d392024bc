import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBlock } from '../../config/target-config.ts';
import { endpointOf } from '../../monitor/endpoint.ts';
import { localAddresses } from '../../os/local-addresses.ts';
import type { OsReader } from '../../os/os-reader.ts';
import { gravest, ownersAt } from '../../os/owner.ts';
import { treeOf } from '../../os/tree.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { ProbeOptions } from '../../probe/probe.ts';
import type { AppFacts, PortUse } from './facts.ts';
import { wordsOf, wrapperOf } from './wrapper.ts';

/** What it takes to look at an app. */
export interface AppGround {
  readonly reader: OsReader;
  /** In cluster mode PM2's daemon holds the port. */
  readonly daemonPid: number;
}

const VITE = /(?:^|[\\/\s])vite(?:\.js)?(?:\s|$)/;
/** Vite's own, and those of frameworks that keep Vite's settings in theirs. */
const CONFIGS = ['vite', 'astro', 'nuxt'].flatMap((name) =>
  ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((end) => `${name}.config.${end}`),
);

/** Looks at one app among all that PM2 runs. */
export async function appFacts(
  process: ManagedProcess,
  all: readonly ManagedProcess[],
  ground: AppGround,
): Promise<AppFacts> {
  const read = process.block === undefined ? null : readBlock(process.block, process.env);
  const config = read?.ok ? read.config : null;
  const wrapper = await wrapperOf(process);
  const typed = [process.env['pm_exec_path'], ...wordsOf(process)].join(' ');
  const isVite =
    config?.probe.type === 'vite' || VITE.test(wrapper === null ? typed : (wrapper.command ?? ''));
  return {
    process,
    config,
    problems: read === null || read.ok ? [] : read.problems,
    wrapper,
    isVite,
    isStrictByConfig: isVite && /\bstrictPort\s*:\s*true\b/.test(await viteConfig(process.cwd)),
    port: config === null ? null : await portUse(process, all, config.probe, ground),
  };
}

/** What the configurations say, without what is commented out. */
async function viteConfig(folder: string): Promise<string> {
  const texts = await Promise.all(
    CONFIGS.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  return texts.join('\n').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

/** Who holds the port; null where the app does not run, or is asked elsewhere. */
async function portUse(
  process: ManagedProcess,
  all: readonly ManagedProcess[],
  probe: ProbeOptions,
  { reader, daemonPid }: AppGround,
): Promise<PortUse | null> {
  const endpoint = endpointOf(probe);
  if (endpoint === null || process.pid === 0) return null;
  const { port, addresses } = endpoint;
  const listeners = await reader.listeners(port);
  const pids = (listeners ?? []).flatMap((listener) => listener.pids ?? []);
  const table = await reader.processes(pids);
  const { name, isCluster } = process;
  const group = isCluster ? all.filter((other) => other.name === name) : [process];
  const rootPids = group.map(({ pid }) => pid).filter((pid) => pid > 0);
  const owners = ownersAt(
    {
      listeners,
      table,
      rootPids,
      alsoLegitimate: isCluster ? [daemonPid] : [],
      localAddresses: localAddresses(),
    },
    addresses,
  );
  const own = table === null ? [] : treeOf(table, process.pid).map(({ pid }) => pid);
  const elsewhere = own.length === 0 ? [] : ((await reader.listenersOf(own)) ?? []);
  return {
    port,
    addresses,
    owner: gravest(owners.map(({ owner }) => owner)),
    otherPorts: [...new Set(elsewhere.map((each) => each.port))].filter((other) => other !== port),
  };
}

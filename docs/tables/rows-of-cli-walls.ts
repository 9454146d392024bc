/**
 * A folder or file of `src`; what it holds, in one line for a newcomer; the rooms, or single files of them, whose values
 * it may import (`base`: see above); the rooms of which it may import types alone. `a/b` is a folder in a folder: it
 * names the folders beside it as `a/c`, and the files directly in `a` as `a`.
 */
export type Row = readonly [room: string, holds: string, values: string, types?: string];

/** The rooms of the program that a person types. */
export const CLI_ROWS: readonly Row[] = [
  [
    'cli',
    'the program a person types; `commands.ts` lists the commands',
    'base config control diagnosis guard notify os pm2 probe report store target',
  ],
  [
    'cli/framework',
    'arguments, help, tables, output of commands',
    'base cli/init cli/proposal config os',
  ],
  [
    'cli/completions',
    'what bash, zsh and fish need to complete',
    'base cli/framework config control',
  ],
  ['cli/status', '`status`', 'base cli/framework config control pm2 probe report store target'],
  [
    'cli/describe',
    '`describe`',
    'base cli/framework cli/launch cli/status config control os pm2 report store',
  ],
  [
    'cli/stack',
    '`stack`: what an app does now',
    'base agent cli/framework cli/status config diagnosis diagnosis/inspector os',
  ],
  ['cli/events', '`events`', 'base cli/framework cli/status config report store'],
  [
    'cli/uptime-figures',
    '`uptime`: how much of the last 90 days each app was up',
    'base cli/framework config history/series/app-series.ts history/series/document.ts history/series/history.ts history/series/read-histories.ts history/series/steps.ts store',
  ],
  [
    'cli/check',
    '`check`: probes targets once, without a monitor',
    'base cli/framework cli/status config diagnosis os pm2 probe report target',
  ],
  [
    'cli/watch',
    '`watch` and `unwatch`: apps without an ecosystem file',
    'base cli/check cli/framework cli/launch cli/proposal cli/status config diagnosis os pm2 probe report store target',
  ],
  [
    'cli/config',
    '`config`: effective settings and where each comes from',
    'base cli/framework cli/status config pm2 probe report store target',
  ],
  [
    'cli/metrics',
    '`metrics`: what Prometheus reads, and the file by which it finds this host',
    'base cli/framework cli/status config report',
  ],
  [
    'cli/notify',
    '`notify`: the channels, and a test message through them',
    'base cli/config cli/framework cli/status config notify',
  ],
  [
    'cli/launch',
    '`start` and `stop`',
    'base cli/framework cli/status config control os pm2 report',
  ],
  [
    'cli/service',
    '`service`: what starts PM2 at boot, as a plan of steps and one place that does them',
    'base cli/framework cli/launch cli/status config os pm2',
  ],
  [
    'cli/guard',
    '`guard`: the units of systemd, one look by hand or by timer',
    'base cli/config cli/framework cli/status config guard notify os pm2',
  ],
  [
    'cli/uninstall',
    '`uninstall`: takes the monitor and its files out of PM2',
    'base cli/framework cli/guard cli/status config pm2',
  ],
  [
    'cli/proposal',
    'the block that `init` and `watch` propose for an app: where it listens, and what it answers',
    'base cli/check cli/framework config diagnosis os probe',
    'cli/init pm2',
  ],
  [
    'cli/export',
    '`export`: apps and their probes in the form of systemd, compose and Kubernetes',
    'base cli/framework cli/init/find-file.ts cli/init/load-config.ts cli/status config pm2 probe',
  ],
  [
    'cli/init',
    '`init`: detect the framework, plan and write the ecosystem file',
    'base cli/framework cli/proposal cli/status config os pm2',
  ],
  [
    'cli/init/trial',
    "starts an app once on a person's word, to see where it listens",
    'base cli/framework cli/proposal os pm2 probe',
  ],
  ['cli/init/edit', 'an ecosystem file as a tree (acorn), and edits of its text', 'base'],
  [
    'cli/doctor',
    '`doctor`: the facts gathered once, the list of checks',
    'base cli/config cli/framework cli/guard cli/launch cli/proposal cli/status config control diagnosis guard notify os pm2 probe report target',
  ],
  [
    'cli/doctor/checks',
    'one file for each subject of `doctor`',
    'base cli/doctor cli/framework cli/guard cli/status config os pm2 report target',
  ],
];

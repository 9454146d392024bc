import type { ExportedApp } from './exported-app.ts';
import {
  checkWords,
  headerLosses,
  judgementLosses,
  probeLosses,
  secondsOf,
  variableLosses,
} from './health.ts';
import { yamlLines, type YamlMap } from './yaml.ts';

/** A compose file of these apps, and comments for what has no counterpart. */
export function composeLines(apps: readonly ExportedApp[]): string[] {
  return [
    '# Written by `pm2-liveness export compose`. Set image or build. Docker shows an unhealthy container and does not',
    '# restart it: what hangs stays as it is, unless you run pm2-runtime with the monitor inside (docs/DOCKER.md).',
    'services:',
    ...apps.flatMap((app) => [
      `  # ${app.name}`,
      ...lossesOf(app).map((line) => `  # - ${line}`),
      ...yamlLines({ [serviceOf(app.name)]: service(app) }, '  '),
    ]),
  ];
}

function service({ command, cwd, env, killTimeoutMs, config }: ExportedApp): YamlMap {
  const { schedule, policy, probe, maxTreeMemoryBytes } = config;
  const words =
    probe.type === 'exec'
      ? [probe.file, ...probe.args]
      : prefixed(checkWords(probe, schedule.timeoutMs));
  return {
    image: 'SET-ME',
    working_dir: cwd,
    command: command.map(escaped),
    environment: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, escaped(value)]),
    ),
    restart: 'unless-stopped',
    init: true,
    stop_grace_period: `${secondsOf(killTimeoutMs)}s`,
    mem_limit: maxTreeMemoryBytes ?? undefined,
    healthcheck:
      words === null
        ? undefined
        : {
            test: ['CMD', ...words.map(escaped)],
            interval: `${secondsOf(schedule.periodMs)}s`,
            // The start of the command itself takes a moment.
            timeout: `${secondsOf(schedule.timeoutMs) + 5}s`,
            retries: policy.failureThreshold,
            start_period: `${secondsOf(policy.startupTimeoutMs)}s`,
          },
  };
}

function prefixed(words: readonly string[] | null): readonly string[] | null {
  return words === null ? null : ['npx', 'pm2-liveness', ...words];
}

function lossesOf(app: ExportedApp): string[] {
  const { config, instances } = app;
  const losses = [
    ...judgementLosses(config),
    ...headerLosses(config.probe),
    ...probeLosses(config.probe),
    ...variableLosses(app, 'env_file'),
  ];
  if (instances > 1) losses.push(`instances (${instances}): one container; use deploy.replicas`);
  return losses;
}

/** Compose reads `$` as the beginning of a variable. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function serviceOf(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'app';
}

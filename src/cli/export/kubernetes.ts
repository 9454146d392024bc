import type { ProbeOptions } from '../../probe/probe.ts';
import type { ExportedApp } from './exported-app.ts';
import { judgementLosses, probeLosses, secondsOf, variableLosses } from './health.ts';
import { yamlLines, type YamlMap } from './yaml.ts';

/** Kubernetes takes these statuses for good, and no other. */
const GOOD = [200, 399] as const;

/** A Deployment of the app, with the probes of its block, and comments for what has no counterpart. */
export function kubernetesLines(app: ExportedApp): string[] {
  const { name, command, cwd, env, instances, killTimeoutMs, config } = app;
  const label = labelOf(name);
  const { maxTreeMemoryBytes } = config;
  const container: YamlMap = {
    name: label,
    image: `${label}:latest`,
    workingDir: cwd,
    command: [...command],
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    ports: portsOf(config.probe),
    resources:
      maxTreeMemoryBytes === null
        ? undefined
        : { limits: { memory: `${Math.ceil(maxTreeMemoryBytes / 1_048_576)}Mi` } },
    ...probesOf(app),
  };
  return [
    `# ${name}: written by \`pm2-liveness export kubernetes\`. Set the image, and read what is lost:`,
    ...lossesOf(app).map((line) => `# - ${line}`),
    ...yamlLines({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: label, labels: { app: label } },
      spec: {
        replicas: instances,
        selector: { matchLabels: { app: label } },
        template: {
          metadata: { labels: { app: label } },
          spec: {
            terminationGracePeriodSeconds: secondsOf(killTimeoutMs),
            containers: [container],
          },
        },
      },
    }),
  ];
}

function lossesOf(app: ExportedApp): string[] {
  const { config } = app;
  const { probe } = config;
  const losses = [
    'the app has to listen on all addresses (0.0.0.0): the probes come from outside the container',
    'no restart of ours is left: the kubelet restarts the container',
    ...judgementLosses(config),
    // No loss of headers: it sends them, and Vite's are added.
    ...probeLosses(probe),
    ...variableLosses(app, 'a Secret or ConfigMap'),
  ];
  if (probe.type === 'websocket') losses.push('websocket: only the port is tried');
  if (
    probe.type === 'http' &&
    !probe.status.every(([from, to]) => from >= GOOD[0] && to <= GOOD[1])
  ) {
    losses.push(
      `status ${probe.status.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', ')}: here 200 to 399 is good, and nothing else`,
    );
  }
  if ('socket' in probe && probe.socket !== undefined) {
    losses.push(`${probe.socket}: a Unix socket cannot be probed; there is no probe`);
  }
  if (probe.type === 'vite') losses.push('vite: only the page is asked for, not its modules');
  return losses;
}

function probesOf({ config }: ExportedApp): YamlMap {
  const { schedule, policy, probe } = config;
  const handler = handlerOf(probe);
  if (handler === null) return {};
  const startupSeconds = secondsOf(schedule.startupPeriodMs);
  const timeoutSeconds = secondsOf(schedule.timeoutMs);
  const periodSeconds = secondsOf(schedule.periodMs);
  return {
    startupProbe: {
      ...handler,
      periodSeconds: startupSeconds,
      timeoutSeconds,
      failureThreshold: Math.max(1, Math.ceil(secondsOf(policy.startupTimeoutMs) / startupSeconds)),
    },
    livenessProbe: {
      ...handler,
      periodSeconds,
      timeoutSeconds,
      failureThreshold: policy.failureThreshold,
    },
    readinessProbe: {
      ...handler,
      periodSeconds,
      timeoutSeconds,
      failureThreshold: 1,
      successThreshold: policy.successThreshold,
    },
  };
}

function handlerOf(probe: ProbeOptions): YamlMap | null {
  switch (probe.type) {
    case 'http':
      return probe.socket === undefined ? httpGet(probe.url, probe.headers) : null;
    case 'vite':
      // Vite refuses hosts that it does not know, and sends the page only to who wants HTML.
      return httpGet(probe.url, { Host: 'localhost', Accept: 'text/html' });
    case 'websocket': {
      if (probe.socket !== undefined) return null;
      return { tcpSocket: { port: portOf(new URL(probe.url)) } };
    }
    case 'tcp':
      return probe.socket === undefined ? { tcpSocket: { port: probe.port } } : null;
    case 'exec':
      return { exec: { command: [probe.file, ...probe.args] } };
    case 'heartbeat':
      return null;
  }
}

function httpGet(text: string, headers: Readonly<Record<string, string>>): YamlMap {
  const url = new URL(text);
  // A value may be a secret: the kubelet would have it in plain text.
  const isShown = (name: string): boolean => /^(?:host|accept|user-agent)$/i.test(name);
  const httpHeaders = Object.entries(headers).map(([name, value]) => ({
    name,
    value: isShown(name) ? value : 'SET-ME',
  }));
  return {
    httpGet: {
      path: `${url.pathname}${url.search}`,
      port: portOf(url),
      scheme: url.protocol === 'https:' ? 'HTTPS' : 'HTTP',
      httpHeaders: httpHeaders.length === 0 ? undefined : httpHeaders,
    },
  };
}

function portsOf(probe: ProbeOptions): YamlMap[] | undefined {
  if ('socket' in probe && probe.socket !== undefined) return undefined;
  if (probe.type === 'tcp') return [{ containerPort: probe.port }];
  if ('url' in probe) return [{ containerPort: portOf(new URL(probe.url)) }];
  return undefined;
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (['https:', 'wss:'].includes(protocol) ? 443 : 80);
}

/** A name that Kubernetes takes: small letters, digits and dashes, 63 at most. */
function labelOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63);
  return plain.replace(/^-+|-+$/g, '') || 'app';
}

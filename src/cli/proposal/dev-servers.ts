import { commandsIn, COMPILING } from './frameworks.ts';
import type { Value } from '../init/edit/value-text.ts';

/** A server that a project may start by its command, as far as its port goes. */
export interface DevServer {
  readonly command: string;
  /** One of these words follows the command; empty where the command alone starts it. */
  readonly subcommands: readonly string[];
  readonly defaultPort: number;
  /** The variables that set its port, the strongest first. */
  readonly portVariables: readonly string[];
  /** What these variables do in a file `.env`. */
  readonly envFile: 'read' | 'ignored' | 'unclear';
  /** The first words of the names of its configuration files, such as `vite` for `vite.config.ts`. */
  readonly configs: readonly string[];
  /** True where it compiles before it answers. */
  readonly compiles: boolean;
}

const usual = {
  subcommands: ['dev'],
  portVariables: [],
  envFile: 'ignored',
  configs: [],
  compiles: true,
} as const;

const NUXT_PORTS = ['NUXT_PORT', 'NITRO_PORT', 'PORT'] as const;

/**
 * Default ports and what sets them, from the documentation of each. A server is found by its command: what is
 * not named here has no default port, and none is guessed.
 */
export const DEV_SERVERS: readonly DevServer[] = [
  // nextjs.org/docs, CLI: -p, PORT; "PORT cannot be set in .env".
  {
    ...usual,
    command: 'next',
    subcommands: ['dev', 'start'],
    defaultPort: 3000,
    portVariables: ['PORT'],
  },
  // create-react-app.dev, Advanced Configuration: PORT, also in .env.
  {
    ...usual,
    command: 'react-scripts',
    subcommands: ['start'],
    defaultPort: 3000,
    portVariables: ['PORT'],
    envFile: 'read',
  },
  // docs.astro.build, CLI: --port, server.port.
  { ...usual, command: 'astro', defaultPort: 4321, configs: ['astro'] },
  // nuxt.com/docs, nuxt dev: --port, NUXT_PORT, NITRO_PORT, PORT, devServer.port.
  {
    ...usual,
    command: 'nuxt',
    defaultPort: 3000,
    portVariables: NUXT_PORTS,
    envFile: 'unclear',
    configs: ['nuxt'],
  },
  {
    ...usual,
    command: 'nuxi',
    defaultPort: 3000,
    portVariables: NUXT_PORTS,
    envFile: 'unclear',
    configs: ['nuxt'],
  },
  // angular.dev/cli/serve: --port, angular.json; no PORT (angular/angular-cli#32236).
  { ...usual, command: 'ng', subcommands: ['serve', 's'], defaultPort: 4200, configs: ['angular'] },
  // Both run Vite, with its configuration (reactrouter.com, remix.run).
  { ...usual, command: 'react-router', defaultPort: 5173, configs: ['vite'] },
  { ...usual, command: 'remix', subcommands: ['vite:dev'], defaultPort: 5173, configs: ['vite'] },
  // webpack.js.org/configuration/dev-server: devServer.port.
  {
    ...usual,
    command: 'webpack',
    subcommands: ['serve', 'server'],
    defaultPort: 8080,
    configs: ['webpack'],
  },
  {
    ...usual,
    command: 'webpack-dev-server',
    subcommands: [],
    defaultPort: 8080,
    configs: ['webpack'],
  },
  // rsbuild.rs/config/server/port.
  { ...usual, command: 'rsbuild', defaultPort: 3000, configs: ['rsbuild'] },
  // storybook.js.org/docs, CLI: -p. Without it the port is asked for or found: its own scripts all write it.
  { ...usual, command: 'storybook', defaultPort: 6006 },
  { ...usual, command: 'start-storybook', subcommands: [], defaultPort: 6006 },
  // gatsbyjs.com/docs, CLI: "Defaults to env.PORT or 8000".
  {
    ...usual,
    command: 'gatsby',
    subcommands: ['develop'],
    defaultPort: 8000,
    portVariables: ['PORT'],
    envFile: 'unclear',
  },
  // docs.expo.dev/more/expo-cli: 8081 since SDK 49.
  { ...usual, command: 'expo', subcommands: ['start'], defaultPort: 8081, configs: ['metro'] },
  // cli.vuejs.org/guide/cli-service: --port, PORT, devServer.port; PORT also in .env.
  {
    ...usual,
    command: 'vue-cli-service',
    subcommands: ['serve'],
    defaultPort: 8080,
    portVariables: ['PORT'],
    envFile: 'read',
    configs: ['vue'],
  },
  // parceljs.org/features/cli: -p, "defaults to $PORT or 1234".
  {
    ...usual,
    command: 'parcel',
    subcommands: [],
    defaultPort: 1234,
    portVariables: ['PORT'],
    envFile: 'unclear',
  },
  // docusaurus.io/docs/cli: --port, PORT.
  {
    ...usual,
    command: 'docusaurus',
    subcommands: ['start', 'serve'],
    defaultPort: 3000,
    portVariables: ['PORT'],
  },
  // 11ty.dev/docs/dev-server: --port, setServerOptions.
  {
    ...usual,
    command: 'eleventy',
    subcommands: ['--serve'],
    defaultPort: 8080,
    configs: ['eleventy', '.eleventy'],
  },
  // cli.emberjs.com: --port, PORT, .ember-cli.
  {
    ...usual,
    command: 'ember',
    subcommands: ['serve', 'server', 's'],
    defaultPort: 4200,
    portVariables: ['PORT'],
    configs: ['.ember-cli'],
  },
  // github.com/http-party/http-server: -p, PORT; vercel/serve: -l, -p, PORT.
  {
    ...usual,
    command: 'http-server',
    subcommands: [],
    defaultPort: 8080,
    portVariables: ['PORT'],
    compiles: false,
  },
  {
    ...usual,
    command: 'serve',
    subcommands: [],
    defaultPort: 3000,
    portVariables: ['PORT'],
    compiles: false,
  },
  // vite.dev/config/server-options: server.port; preview has another one.
  { ...usual, command: 'vite', subcommands: [], defaultPort: 5173, configs: ['vite'] },
];

/** The server that a command starts, with the part of the command that starts it; null for any other. */
export function devServerIn(
  command: string,
): { readonly server: DevServer; readonly part: string } | null {
  for (const part of command.split(/&&?|\|\|?|;|["']|\n/)) {
    const words = commandsIn(part);
    for (const server of DEV_SERVERS) {
      const at = words.indexOf(server.command);
      const rest = words.slice(at + 1);
      const { subcommands } = server;
      const isStarted = subcommands.length === 0 || subcommands.some((each) => rest.includes(each));
      const isBuild = rest[0] === 'build' || rest[0] === 'optimize';
      if (at >= 0 && isStarted && !isBuild) return { server, part };
    }
  }
  return null;
}

/** Compiles before it starts the app, which listens where its own code says and compiles nothing itself. */
const NEST = /\bnest(?:\.js)?\s+start\b/;

/** The block for any answer at `url` of what a command starts. */
export function anyAnswer(url: string, command: string): Readonly<Record<string, Value>> {
  return { http: { url, status: '100-599' }, ...timesOf(command) };
}

/** The times that a command needs beyond the defaults. */
export function timesOf(command: string): Readonly<Record<string, string>> {
  if (devServerIn(command)?.server.compiles) return COMPILING;
  return NEST.test(command) ? { startupTimeout: COMPILING.startupTimeout } : {};
}

import type { InstancePorts, OwnPort } from './own-ports.ts';

/**
 * The port as a block has it: its number, or `${PORT}` where each instance has its own. A reason where no
 * variable has the ports of all.
 */
export function portText(
  name: string,
  { port, socket }: OwnPort,
  instances: readonly InstancePorts[],
): { readonly text: string } | { readonly reason: string } {
  if (socket !== undefined) return socketText(name, socket, instances);
  const [first] = instances;
  const increment = first?.process.env['increment_var'];
  const variables = [increment, 'PORT'].filter((each) => typeof each === 'string');
  const variable = variables.find((each) => fits(each, port, instances));
  const isShared = instances.every(({ ports }) => ports.some((each) => each.port === port));
  // With `increment_var` the next instance of `pm2 scale` has another port.
  if (variable !== undefined && (!isShared || variable === increment)) {
    return { text: `\${${variable}}` };
  }
  if (isShared) return { text: String(port) };
  const heard = instances.map(({ ports }) => ports.map((each) => each.port).join(', '));
  return {
    reason: `the instances of ${name} listen on different ports (${heard.join('; ')}), and no variable of PM2 has them; set PORT and increment_var: 'PORT' for it, then the block can say \${PORT}`,
  };
}

/** The path where all instances have it: each with its own would need a variable of its own. */
function socketText(
  name: string,
  path: string,
  instances: readonly InstancePorts[],
): { readonly text: string } | { readonly reason: string } {
  const isShared = instances.every(({ ports }) => ports.some(({ socket }) => socket === path));
  if (isShared) return { text: path };
  return {
    reason: `the instances of ${name} listen on different sockets; write the block by hand, with a variable of theirs in the path: http: { socket: '/run/web-\${NODE_APP_INSTANCE}.sock', url: 'http://localhost/' }`,
  };
}

/** True where each instance listens on the port in its variable, and the first one on `port`. */
function fits(variable: string, port: number, instances: readonly InstancePorts[]): boolean {
  const [first] = instances;
  if (Number(first?.process.env[variable]) !== port) return false;
  return instances.every(({ process, ports }) =>
    ports.some((each) => each.port === Number(process.env[variable])),
  );
}

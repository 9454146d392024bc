/** The words of a command without shell syntax; null for a command with shell syntax. */
export function plainWords(command: string): readonly string[] | null {
  if (/[&|;<>$`()"'\\*?#~\n]/.test(command)) return null;
  const words = command.trim().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined || first.includes('=')) return null;
  return first === 'npx' ? words.slice(1) : words;
}

/** The port in `--port 3000`, `-p=3000` or `--listen tcp://0.0.0.0:3000`; null where there is none, or two. */
export function portFlag(command: string): number | null {
  const flag =
    /(?:^|\s)(?:--port|--listen|-p|-l)(?:=|\s+)(?:tcp:\/\/)?(?:[\w.[\]-]+:)?(\d{1,5})(?=\s|$)/g;
  return oneOf(command, flag);
}

/** The port in `PORT=3000`, by the name of the variable; null where there is none, or two. */
export function portVariable(command: string, name: string): number | null {
  return oneOf(command, new RegExp(`(?:^|\\s)${name}=["']?(\\d{1,5})["']?(?=\\s|$)`, 'g'));
}

function oneOf(command: string, pattern: RegExp): number | null {
  const ports = new Set([...command.matchAll(pattern)].map(([, port]) => portOf(port)));
  const [port = null] = ports;
  return ports.size === 1 ? port : null;
}

/** A port from 1 to 65535, from text or a number; null for anything else. */
export function portOf(value: unknown): number | null {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535
    ? port
    : null;
}

/** The words without those that set the port or open a browser. */
export function dropPort(words: readonly string[]): readonly string[] {
  return words.filter((word, at) => {
    if (/^(?:--port|-p)$/.test(words[at - 1] ?? '')) return false;
    return !/^(?:--port|-p|--strictPort|--open|-o)(?:=.*)?$/.test(word);
  });
}

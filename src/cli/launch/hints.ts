import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import type { ListenerStatus } from '../../report/listener-status.ts';
import { shellWord } from '../../text/shell-word.ts';

const OWN = /(?:^|\s)(?:pm2-liveness|\S*cli\/main\.js)\s/;

/**
 * What a person can try after a start: the scripts of the project in `dir` where it has them, else our
 * commands. `pid` is the process to freeze; null where not known. `listener` is absent where nothing listens.
 */
export function startHints(
  dir: string,
  file: string,
  pid: number | null,
  listener: ListenerStatus | undefined,
): readonly string[] {
  const scripts = scriptsIn(dir);
  const own = (name: string): boolean => {
    const script = scripts[name];
    return typeof script === 'string' && OWN.test(`${script} `);
  };
  const page =
    listener?.problem === null ? [`${`${listener.url}/`.padEnd(25)}# the status page`] : [];
  return [
    ...page,
    ...(pid === null ? [] : [`${`kill -STOP ${pid}`.padEnd(25)}# freeze it, and see it restart`]),
    'npx pm2 monit            # watch it in the terminal',
    'npx pm2 logs pm2-liveness',
    `${(own('status') ? 'npm run status' : 'npx pm2-liveness status').padEnd(25)}# its state, and the reason`,
    own('stop') ? 'npm stop' : `npx pm2-liveness stop ${shellWord(file)}`,
  ];
}

function scriptsIn(dir: string): Readonly<Record<string, unknown>> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const scripts = isRecord(manifest) ? manifest['scripts'] : null;
    return isRecord(scripts) ? scripts : {};
  } catch {
    return {}; // a project without a package.json has no scripts
  }
}

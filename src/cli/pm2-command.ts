import { createRequire } from 'node:module';
import { execa } from 'execa';

/** PM2's own program, run as a user would: it alone may start a daemon. Gives what it printed. */
export async function runPm2(args: readonly string[]): Promise<{ failed: boolean; text: string }> {
  const program = createRequire(import.meta.url).resolve('pm2/bin/pm2');
  const { failed, all } = await execa(process.execPath, [program, ...args], {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  return { failed, text: all };
}

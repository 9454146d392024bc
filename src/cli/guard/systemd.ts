import { execa } from 'execa';

/** What `systemctl` printed, and whether it ended with 0. */
interface Ran {
  readonly isDone: boolean;
  readonly text: string;
}

/** Runs `systemctl`, for the system or the user manager; bounded, and never asks for a password. */
export async function systemctl(isUserUnit: boolean, ...words: readonly string[]): Promise<Ran> {
  const args = [...(isUserUnit ? ['--user'] : []), '--no-ask-password', ...words];
  const { failed, all } = await execa('systemctl', args, {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  return { isDone: !failed, text: (all ?? '').trim() };
}

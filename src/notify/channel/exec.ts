import { basename, isAbsolute } from 'node:path';
import { splitCommand } from '../../config/schema/command.ts';
import { ownEnvironment } from '../../config/load.ts';
import { Command, type CommandEnd } from '../../probe/exec/command.ts';
import type { LightAbortSignal } from '../../time/light-abort.ts';
import { withTimeout } from '../../time/deadline.ts';
import { webhookDocumentOf } from '../message/webhook-document.ts';
import { SendDeadline } from './send-deadline.ts';
import { SEND_MS, type SendResult } from './channel.ts';
import { wrong, type KindOfChannel } from './entry.ts';

/** sysexits.h: what is wrong stays wrong at the next try (usage, data, no permission, configuration). */
const PERMANENT: ReadonlySet<number> = new Set([64, 65, 77, 78, 126, 127]);

/** How long the killed command may take to be gone. */
const GONE_MS = 1_000;

/** A program of the user's own: the document of webhooks is its input, exit code 0 means that it was sent. */
export const exec: KindOfChannel = {
  settings: [],
  example: 'exec:/usr/local/bin/tell-me --loud',
  create({ rest }) {
    const [file = '', ...args] = splitCommand(rest);
    if (!isAbsolute(file)) {
      throw wrong(`got no full path of a program, wanted ${exec.example}`);
    }
    return {
      shown: basename(file),
      endpoint: null,
      secrets: args,
      send: (notice, signal) => run(file, args, JSON.stringify(webhookDocumentOf(notice)), signal),
    };
  },
};

async function run(
  file: string,
  args: readonly string[],
  input: string,
  signal: LightAbortSignal,
): Promise<SendResult> {
  const { execa } = await import('execa');
  // Our own settings have the URLs of the other channels.
  const runner = { user: null, env: ownEnvironment() };
  const command = new Command(
    execa,
    { type: 'exec', file, args, env: {} },
    runner,
    undefined,
    input,
  );
  const deadline = new SendDeadline(signal);
  try {
    const end = await deadline.race(command.end);
    if (end !== 'late') return resultOfEnd(end, command.output.lastLine());
    command.terminate();
    await withTimeout(command.gone, GONE_MS, undefined);
    return deadline.result(`killed after ${SEND_MS / 1000} s`);
  } finally {
    deadline.clear();
  }
}

const NOT_STARTED: Readonly<Record<string, string>> = {
  ENOENT: 'the program was not found: check its path (ENOENT)',
  EACCES: 'the program may not be executed: is it a file with the x bit set? (EACCES)',
};

function resultOfEnd(end: CommandEnd, lastLine: string): SendResult {
  const words = lastLine === '' ? '' : `: ${lastLine}`;
  switch (end.kind) {
    case 'exited': {
      const said = `exited with code ${end.exitCode}${words}`;
      if (end.exitCode === 0) return { kind: 'sent', answer: said };
      if (PERMANENT.has(end.exitCode)) return { kind: 'refused', reason: said };
      return { kind: 'retry', reason: said, retryAfterMs: null };
    }
    case 'signalled':
      return { kind: 'retry', reason: `killed by ${end.signal}${words}`, retryAfterMs: null };
    case 'notStarted':
      return {
        kind: 'retry',
        reason: NOT_STARTED[end.code ?? ''] ?? `could not be started (${end.code ?? end.message})`,
        retryAfterMs: null,
      };
  }
}

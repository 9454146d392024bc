import type { RunCommand } from '../run-command.ts';
import { comparable } from './windows-service.ts';

/** A task of the Task Scheduler. */
export interface WindowsTask {
  readonly name: string;
  /** True where it starts the wanted file. */
  readonly isForLauncher: boolean;
  /** When it starts; null: neither, or it is switched off. */
  readonly starts: 'boot' | 'login' | null;
  readonly isRunning: boolean;
}

/** The last result of a task that runs (SCHED_S_TASK_RUNNING), in every language. */
const IS_RUNNING = '"267009"';

/** Reads a task. Null where there is none, or it cannot be read. */
export async function readWindowsTask(
  name: string,
  launcher: string,
  run: RunCommand,
): Promise<WindowsTask | null> {
  const xml = (await run('schtasks.exe', ['/Query', '/TN', name, '/XML'])) ?? '';
  if (!xml.includes('<Task ')) return null;
  const row = await run('schtasks.exe', ['/Query', '/TN', name, '/FO', 'CSV', '/V', '/NH']);
  return { ...parseTask(name, xml, launcher), isRunning: (row ?? '').includes(IS_RUNNING) };
}

/** Reads the XML of a task. */
export function parseTask(
  name: string,
  xml: string,
  launcher: string,
): Omit<WindowsTask, 'isRunning'> {
  const words = /<Arguments>([^<]{0,4096})</.exec(xml)?.[1] ?? '';
  return {
    name,
    isForLauncher: comparable(plainText(words)).includes(comparable(launcher)),
    starts: startOf(xml),
  };
}

function startOf(xml: string): WindowsTask['starts'] {
  // A trigger and the task as a whole have the same element.
  if (/<Enabled>\s*false/i.test(xml)) return null;
  if (xml.includes('<BootTrigger')) return 'boot';
  return xml.includes('<LogonTrigger') ? 'login' : null;
}

function plainText(xml: string): string {
  return xml
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

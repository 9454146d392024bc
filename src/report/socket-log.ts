import { sanitizeLine } from '../text/sanitize.ts';
import type { Log } from './log.ts';
import type { TargetView } from './view.ts';

/** Writes one line about a socket file that kept an app from its start, and was removed. */
export function logSocketRemoved(log: Log, view: TargetView, label: string, path: string): void {
  const { name, pmId, pid } = view;
  const message = `${label}: removed the socket ${sanitizeLine(path)}, which an ended process had left: the app could not listen there`;
  log.line('warn', message, { app: name, pmId, pid, event: 'socketRemoved' });
}
